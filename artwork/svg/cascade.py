"""Compute the styles of a template's elements from attributes, style sheets and inheritance."""

import re
from collections.abc import Mapping
from typing import Any

import cssselect2
import tinycss2
import tinycss2.color3
from lxml import etree

from certbeam.artwork.overlay import Color
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.tree import SVG, XML
from certbeam.artwork.svg.view_box import ViewBox
from certbeam.artwork.text import flatten_path

# The presentation attributes that text has, https://www.w3.org/TR/SVG2/styling.html#PresentationAttributes
LAYOUT_PROPERTIES = frozenset(
    {
        "alignment-baseline",
        "baseline-shift",
        "direction",
        "dominant-baseline",
        "font",
        "font-family",
        "font-feature-settings",
        "font-kerning",
        "font-size",
        "font-stretch",
        "font-style",
        "font-variant",
        "font-variant-alternates",
        "font-variant-caps",
        "font-variant-east-asian",
        "font-variant-ligatures",
        "font-variant-numeric",
        "font-variant-position",
        "font-weight",
        "glyph-orientation-vertical",
        "inline-size",
        "letter-spacing",
        "text-anchor",
        "text-decoration",
        "text-decoration-color",
        "text-decoration-line",
        "text-decoration-skip-ink",
        "text-decoration-style",
        "text-decoration-thickness",
        "text-orientation",
        "text-rendering",
        "text-transform",
        "unicode-bidi",
        "white-space",
        "word-spacing",
        "writing-mode",
    }
)
PAINT_PROPERTIES = frozenset(
    {
        "clip-path",
        "display",
        "fill",
        "fill-opacity",
        "filter",
        "mask",
        "mix-blend-mode",
        "opacity",
        "paint-order",
        "stroke",
        "stroke-linejoin",
        "stroke-opacity",
        "stroke-width",
        "visibility",
    }
)
_NOT_INHERITED = frozenset(
    {
        "baseline-shift",
        "clip-path",
        "display",
        "filter",
        "inline-size",
        "mask",
        "mix-blend-mode",
        "opacity",
        "text-decoration",
        "text-decoration-color",
        "text-decoration-line",
        "text-decoration-style",
        "text-decoration-thickness",
        "unicode-bidi",
    }
)
# Properties that affect how the content of an element is painted, with the values that have no effect. Filters are not
# among them, because PNG and PDF are rendered without filters.
_VALUES_WITHOUT_EFFECT = {
    "clip-path": ("none",),
    "display": ("inline", "block"),
    "mask": ("none",),
    "mix-blend-mode": ("normal",),
    "opacity": ("1", "1.0"),
    # The CSS properties; the transform attribute is supported.
    **dict.fromkeys(("transform", "transform-origin", "translate", "rotate", "scale"), ("none",)),
}
_FONT_SHORTHAND = re.compile(
    r"(?P<before>.*?)(?P<size>[\d.]+[a-z%]+)(?:\s*/\s*\S+)?\s+(?P<family>.+)", re.DOTALL
)
_FONT_SIZE_KEYWORDS = {"small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0}
_RELATIVE_FONT_SIZE = re.compile(r"([\d.]+)(em|%)")

_TOLERANCE = 0.001  # of the longer side of the view box: how far drawing programs round a page's size

Style = Mapping[str, str]
"""Values of properties by name."""

_Declarations = dict[str, tuple[str, bool]]
"""Values of properties by name, each with True if it is ``!important``."""


class Cascade:
    """Declared and computed styles of the elements of one document.

    Attributes:
        root: its root element.
    """

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        wrapper = cssselect2.ElementWrapper.from_xml_root(root)
        self._wrappers = {element.etree_element: element for element in wrapper.iter_subtree()}
        self._matcher = cssselect2.Matcher()
        for sheet in root.iter(f"{{{SVG}}}style"):
            self._add_style_sheet(sheet.text or "")

    def _add_style_sheet(self, css: str) -> None:
        for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
            if rule.type != "qualified-rule":
                continue
            try:
                selectors = cssselect2.compile_selector_list(rule.prelude)
            except cssselect2.SelectorError:
                continue  # as viewers do, https://www.w3.org/TR/selectors-3/#Conformance
            for selector in selectors:
                self._matcher.add_selector(selector, _parse_declarations(rule.content))

    def declared_style(self, element: etree._Element) -> dict[str, str]:
        """Return the properties that apply to an element itself, without inherited ones.

        In the order of the cascade: presentation attributes, matching rules, the ``style`` attribute, and
        declarations that are ``!important``.
        """
        properties = LAYOUT_PROPERTIES | PAINT_PROPERTIES
        style = {str(name): str(value) for name, value in element.items() if name in properties}
        important: dict[str, str] = {}
        rules = [rule for *_, pseudo, rule in self._matcher.match(self._wrappers[element]) if pseudo is None]
        for declarations in (*rules, _parse_declarations(str(element.get("style", "")))):
            for name, (value, is_important) in declarations.items():
                (important if is_important else style)[name] = value
        return _expand_font_shorthand(style | important)

    def computed_style(self, element: etree._Element) -> dict[str, str]:
        """Return the properties that apply to an element, including inherited ones; ``font-size`` is in pixels."""
        ancestors = [element, *element.iterancestors()]
        style: dict[str, str] = {}
        for ancestor in reversed(ancestors):
            inherited = {name: value for name, value in style.items() if name not in _NOT_INHERITED}
            own = {name: value for name, value in self.declared_style(ancestor).items() if value != "inherit"}
            if "font-size" in own:
                own["font-size"] = _compute_font_size(own["font-size"], style.get("font-size", "16"))
            if ancestor.get(f"{{{XML}}}space") == "preserve":
                own.setdefault("white-space", "pre")
            style = inherited | own
        return style

    def has_no_effects(self, element: etree._Element, view_box: ViewBox) -> bool:
        """Return True if no property of an element or its ancestors clips, hides, blends or transforms its content.

        Such content can be drawn over the rendered template, without the elements around it.
        """
        declarations = [
            declaration
            for ancestor in (element, *element.iterancestors())
            for declaration in self.declared_style(ancestor).items()
        ]
        return all(
            value in _VALUES_WITHOUT_EFFECT.get(name, (value,))
            or (name == "clip-path" and self._covers_view_box(value, view_box))
            for name, value in declarations
        )

    def _covers_view_box(self, clip_path: str, view_box: ViewBox) -> bool:
        """Return True if a clipping path clips nothing, such as the one around each drawing of Figma or Google Docs."""
        name = clip_path.removeprefix("url(#").removesuffix(")")
        path = next((element for element in self._wrappers if element.get("id") == name), None)
        if path is None or len(path) != 1 or "transform" in path[0].attrib:
            return False
        edges = find_rectangle(path[0])
        if edges is None:
            return False
        tolerance = _TOLERANCE * max(view_box.width, view_box.height)
        left, top, right, bottom = edges
        return (
            left <= view_box.x + tolerance
            and top <= view_box.y + tolerance
            and right >= view_box.x + view_box.width - tolerance
            and bottom >= view_box.y + view_box.height - tolerance
        )


def find_rectangle(element: etree._Element) -> tuple[float, float, float, float] | None:
    """Return the left, top, right and bottom edge of a <rect> or a rectangular <path>; None for other shapes."""
    if element.tag == f"{{{SVG}}}rect":
        x, y, width, height = (
            parse_length(element.get(name, "0")) or 0.0 for name in ("x", "y", "width", "height")
        )
        return x, y, x + width, y + height
    track = flatten_path(str(element.get("d", ""))) if element.tag == f"{{{SVG}}}path" else None
    if track is None:
        return None
    corners = set(track.points)
    columns, rows = {x for x, _ in corners}, {y for _, y in corners}
    if len(corners) != 4 or len(columns) != 2 or len(rows) != 2:
        return None
    return min(columns), min(rows), max(columns), max(rows)


def find_solid_fill(style: Style) -> Color | None:
    """Return the colour of a computed style; None if it paints anything but a visible, opaque fill of one colour."""
    if style.get("stroke", "none") != "none" or style.get("visibility", "visible") != "visible":
        return None
    if any(style.get(name, "1") not in ("1", "1.0") for name in ("fill-opacity", "opacity")):
        return None
    color = tinycss2.color3.parse_color(style.get("fill", "black"))
    if not isinstance(color, tinycss2.color3.RGBA) or color.alpha != 1:
        return None
    return color.red, color.green, color.blue


def _parse_declarations(css: Any) -> _Declarations:
    parsed = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    return {
        item.lower_name: (tinycss2.serialize(item.value).strip(), item.important)
        for item in parsed
        if item.type == "declaration"
    }


def _expand_font_shorthand(style: dict[str, str]) -> dict[str, str]:
    """Add the longhand properties of ``font`` to a style that does not declare them."""
    match = _FONT_SHORTHAND.fullmatch(style.get("font", ""))
    if match is None:
        return style
    before = match["before"].split()
    weight = next((word for word in before if word.isdigit() or word.startswith("bold")), "normal")
    slant = next((word for word in before if word in ("italic", "oblique")), "normal")
    font = {
        "font-size": match["size"],
        "font-family": match["family"],
        "font-weight": weight,
        "font-style": slant,
    }
    return font | style


def _compute_font_size(size: str, inherited: str) -> str:
    """Convert a font size to pixels; anything else, such as a placeholder's marker, is returned as it is."""
    absolute = _FONT_SIZE_KEYWORDS.get(size) or parse_length(size)
    if absolute is not None:
        return f"{absolute:g}"
    relative = _RELATIVE_FONT_SIZE.fullmatch(size.strip())
    parent = parse_length(inherited)
    if relative and parent is not None:
        return f"{float(relative[1]) * parent / (100 if relative[2] == '%' else 1):g}"
    return size
