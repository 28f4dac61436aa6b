"""Resolve the CSS of a document into presentation attributes, in one walk over its elements."""

import re
from dataclasses import dataclass, replace

from lxml import etree

from certbeam.artwork.css.attribute_lengths import resolve_lengths
from certbeam.artwork.css.bounds import find_local_name
from certbeam.artwork.css.cascade import Cascade
from certbeam.artwork.css.colors import CURRENT_COLOR, compute_color
from certbeam.artwork.css.computed import ComputedStyle, compute_style
from certbeam.artwork.css.font_faces import keep_font_faces
from certbeam.artwork.css.geometry import GeometryResolver
from certbeam.artwork.css.lengths import LengthContext
from certbeam.artwork.css.output import write_style
from certbeam.artwork.css.style_sheet import has_variables
from certbeam.artwork.css.tokens import has_marker
from certbeam.artwork.errors import Finding
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.tree import SVG, get_href, get_line, remove_element
from certbeam.artwork.svg.view_box import ViewBox, parse_view_box

_USE = f"{{{SVG}}}use"
# Elements that draw; others, such as gradients, have their effect whatever their display is.
_DRAWN = frozenset(
    {
        "a",
        "circle",
        "ellipse",
        "g",
        "image",
        "line",
        "path",
        "polygon",
        "polyline",
        "rect",
        "svg",
        "text",
        "tspan",
        "use",
    }
)


@dataclass(frozen=True)
class ResolvedStyles:
    """Result for one document.

    Attributes:
        findings: what is not supported.
        background: the background colour of the root element, ``#rrggbb`` or ``#rrggbbaa``; empty for none.
    """

    findings: list[Finding]
    background: str


def resolve_styles(root: etree._Element, view_box: ViewBox) -> ResolvedStyles:
    """Replace the style sheets, classes and ``style`` attributes of a document by presentation attributes.

    The ``@font-face`` rules remain, in one <style> element. So do ``style`` attributes with the few properties that
    have no presentation attribute, such as ``mix-blend-mode``.

    Args:
        root: the root element, whose elements are all still there: selectors count them.
        view_box: the view box and page of the document.

    Raises:
        TemplateError: ``template-too-complex``.
    """
    return _Resolver(root, view_box).resolve()


class _Resolver:
    """Resolver of one document."""

    def __init__(self, root: etree._Element, view_box: ViewBox) -> None:
        self._root = root
        page = (view_box.page_width, view_box.page_height)
        self._cascade = Cascade(root, page)
        self._context = LengthContext(viewport=(view_box.width, view_box.height), page=page)
        self._styles: dict[etree._Element, ComputedStyle] = {}
        self._viewports: dict[etree._Element, tuple[float, float] | None] = {}
        self._instantiated = _find_instantiated(root)
        self._findings: list[Finding] = []

    def resolve(self) -> ResolvedStyles:
        elements = list(self._root.iter(etree.Element))
        for element in elements:
            self._styles[element] = self._compute(element)
        self._check_classes(elements)
        background = self._find_background()
        for element in elements:
            self._write(element)
        self._remove_undisplayed(elements)
        keep_font_faces(self._root)
        geometry = GeometryResolver(self._root, self._styles)
        geometry.resolve()
        return ResolvedStyles([*self._findings, *geometry.findings], background)

    def _find_background(self) -> str:
        """Return the root's background colour, and report its images."""
        for candidate in self._cascade.find_candidates(self._root):
            if candidate.declaration.name == "background" and "(" in candidate.declaration.value:
                self._check_background(candidate.declaration.value)
        style = self._styles[self._root]
        color = compute_color(style.values.get("background-color", "transparent")) or ""
        return style.get("color") if color == CURRENT_COLOR else color

    def _compute(self, element: etree._Element) -> ComputedStyle:
        parent = element.getparent()
        outer = ComputedStyle(context=self._context) if parent is None else self._styles[parent]
        viewport = self._context.viewport if parent is None else self._viewports[parent]
        context = replace(self._context, viewport=viewport, font_size=outer.context.font_size)
        style = compute_style(self._cascade.find_candidates(element), outer, context)
        if parent is None:
            root_size = style.context.font_size
            self._context = replace(self._context, root_font_size=root_size)
            style = replace(style, context=replace(style.context, root_font_size=root_size))
        self._viewports[element] = self._find_viewport(element, style, viewport)
        return style

    def _find_viewport(
        self, element: etree._Element, style: ComputedStyle, outer: tuple[float, float] | None
    ) -> tuple[float, float] | None:
        """Return the viewport that an element establishes for its content."""
        name = find_local_name(element)
        if element.getparent() is None or name not in ("svg", "symbol"):
            return outer
        box = parse_view_box(element.get("viewBox"))
        if box is not None:
            return box[2], box[3]
        if name == "symbol" or outer is None:
            return None
        width, height = (parse_length(style.values.get(side)) for side in ("width", "height"))
        return (outer[0] if width is None else width, outer[1] if height is None else height)

    def _check_classes(self, elements: list[etree._Element]) -> None:
        """Report classes that depend on a value: which rules apply is decided before values are known."""
        for element in elements:
            if has_marker(str(element.get("class", ""))):
                self._findings.append(
                    Finding(
                        "css-unsupported",
                        get_line(element),
                        f"the class {element.get('class')} is a variable, and no CSS rule applies to its value:"
                        " use the variable in the value of a property",
                    )
                )

    def _check_background(self, value: str) -> None:
        """Report a background that is not a colour only."""
        if compute_color(value) is None and not has_variables(value):
            message = (
                f"the background {value[:60]} is drawn without its image: draw it as a <rect> or an <image>"
            )
            self._findings.append(Finding("css-unsupported", get_line(self._root), message))

    def _write(self, element: etree._Element) -> None:
        if not find_local_name(element):
            return
        parent = element.getparent()
        style = self._styles[element]
        outer = ComputedStyle() if parent is None else self._styles[parent]
        write_style(element, style, outer, is_instantiated=element in self._instantiated)
        resolve_lengths(element, style)

    def _remove_undisplayed(self, elements: list[etree._Element]) -> None:
        """Remove elements that are not displayed, unless a <use> can refer to them or to a part of them."""
        referenced = _find_targets(self._root)
        for element in elements:
            if (
                self._styles[element].values.get("display") != "none"
                or find_local_name(element) not in _DRAWN
                or element.getparent() is None
            ):
                continue
            if not any(part.get("id") in referenced for part in element.iter(etree.Element)):
                remove_element(element)


_LOCAL_REFERENCE = re.compile(r"#([^'\")]+)")


def _find_targets(root: etree._Element) -> set[str]:
    """Return the ids that attributes refer to."""
    return {
        target.strip()
        for element in root.iter(etree.Element)
        for value in element.attrib.values()
        if "#" in value and not str(value).startswith("data:")
        for target in _LOCAL_REFERENCE.findall(str(value))
    }


def _find_instantiated(root: etree._Element) -> set[etree._Element]:
    """Return the elements that <use> elements refer to, with all of their descendants."""
    targets = {get_href(use).strip().removeprefix("#") for use in root.iter(_USE)}
    instantiated: set[etree._Element] = set()
    for element in root.iter(etree.Element) if targets else ():
        if element.get("id") in targets or element.getparent() in instantiated:
            instantiated.add(element)
    return instantiated
