"""The styles that apply to a template's elements: attributes, style sheets and inheritance."""

import re
from collections.abc import Mapping
from typing import Any

import cssselect2
import tinycss2
import tinycss2.color3
from lxml import etree

from certbeam.credentials.drawing import Color
from certbeam.credentials.template.tree import SVG, XML
from certbeam.credentials.template.view_box import Canvas, pixels
from certbeam.credentials.text import read_track

# Presentation attributes, https://www.w3.org/TR/SVG2/styling.html#PresentationAttributes: those of text.
LAYOUT_PROPERTIES = frozenset(
    {
        "baseline-shift",
        "direction",
        "dominant-baseline",
        "font",
        "font-family",
        "font-size",
        "font-style",
        "font-variant",
        "font-weight",
        "inline-size",
        "letter-spacing",
        "text-anchor",
        "text-decoration",
        "text-transform",
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
        "dominant-baseline",
        "filter",
        "inline-size",
        "mask",
        "mix-blend-mode",
        "opacity",
        "text-decoration",
    }
)
# The values of the properties that change what is painted under an element, with which they do nothing. PNG and PDF
# are drawn without filters.
_PLAIN_VALUES = {
    "clip-path": ("none",),
    "display": ("inline", "block"),
    "mask": ("none",),
    "mix-blend-mode": ("normal",),
    "opacity": ("1", "1.0"),
    **dict.fromkeys(("transform", "transform-origin", "translate", "rotate", "scale"), ("none",)),  # as CSS
}
_FONT = re.compile(r"(?P<before>.*?)(?P<size>[\d.]+[a-z%]+)(?:\s*/\s*\S+)?\s+(?P<family>.+)", re.DOTALL)
_FONT_SIZES = {"small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0}

_SLACK = 0.001  # of the canvas: what programs round a page's size by

Style = Mapping[str, str]


class Cascade:
    """The computed styles of one document's elements."""

    def __init__(self, root: etree._Element) -> None:
        wrapper = cssselect2.ElementWrapper.from_xml_root(root)
        self._wrappers = {element.etree_element: element for element in wrapper.iter_subtree()}
        self._matcher = cssselect2.Matcher()
        for sheet in root.iter(f"{{{SVG}}}style"):
            self._add_sheet(sheet.text or "")

    def _add_sheet(self, css: str) -> None:
        for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
            if rule.type != "qualified-rule":
                continue
            try:
                selectors = cssselect2.compile_selector_list(rule.prelude)
            except cssselect2.SelectorError:
                continue  # as every viewer does, https://www.w3.org/TR/selectors-3/#Conformance
            for selector in selectors:
                self._matcher.add_selector(selector, _declarations(rule.content))

    def declared(self, element: etree._Element) -> dict[str, str]:
        """What an element itself declares: its attributes, then the rules that match it, then its style."""
        properties = LAYOUT_PROPERTIES | PAINT_PROPERTIES
        style = {str(name): str(value) for name, value in element.items() if name in properties}
        important: dict[str, str] = {}
        rules = [rule for *_, pseudo, rule in self._matcher.match(self._wrappers[element]) if pseudo is None]
        for declarations in (*rules, _declarations(str(element.get("style", "")))):
            for name, (value, is_important) in declarations.items():
                (important if is_important else style)[name] = value
        return _expand_font(style | important)

    def is_plain(self, element: etree._Element, canvas: Canvas) -> bool:
        """Whether no style of an element or around it clips, hides, fades or moves what it paints."""
        declared = [
            item for each in (element, *element.iterancestors()) for item in self.declared(each).items()
        ]
        return all(
            value in _PLAIN_VALUES.get(name, (value,))
            or (name == "clip-path" and self._is_whole(value, canvas))
            for name, value in declared
        )

    def _is_whole(self, reference: str, canvas: Canvas) -> bool:
        """Whether a clip path leaves the whole canvas, as that of every drawing from Figma or Google Docs does."""
        name = reference.removeprefix("url(#").removesuffix(")")
        path = next((each for each in self._wrappers if each.get("id") == name), None)
        if path is None or len(path) != 1 or "transform" in path[0].attrib:
            return False
        box = _box(path[0])
        if box is None:
            return False
        slack = _SLACK * max(canvas.width, canvas.height)
        left, top, right, bottom = box
        return (
            left <= canvas.x + slack
            and top <= canvas.y + slack
            and right >= canvas.x + canvas.width - slack
            and bottom >= canvas.y + canvas.height - slack
        )

    def computed(self, element: etree._Element) -> dict[str, str]:
        """What applies to an element, inherited or its own; ``font-size`` is in pixels."""
        ancestors = [element, *element.iterancestors()]
        style: dict[str, str] = {}
        for ancestor in reversed(ancestors):
            inherited = {name: value for name, value in style.items() if name not in _NOT_INHERITED}
            own = {name: value for name, value in self.declared(ancestor).items() if value != "inherit"}
            if "font-size" in own:
                own["font-size"] = _font_size(own["font-size"], style.get("font-size", "16"))
            if ancestor.get(f"{{{XML}}}space") == "preserve":
                own.setdefault("white-space", "pre")
            style = inherited | own
        return style


def _box(element: etree._Element) -> tuple[float, float, float, float] | None:
    """The edges of a rectangle, drawn as such or as a path; None of any other shape."""
    if element.tag == f"{{{SVG}}}rect":
        x, y, width, height = (
            pixels(element.get(side, "0")) or 0.0 for side in ("x", "y", "width", "height")
        )
        return x, y, x + width, y + height
    track = read_track(str(element.get("d", ""))) if element.tag == f"{{{SVG}}}path" else None
    if track is None:
        return None
    corners = set(track.points)
    across, down = {x for x, _ in corners}, {y for _, y in corners}
    if len(corners) != 4 or len(across) != 2 or len(down) != 2:
        return None
    return min(across), min(down), max(across), max(down)


def plain_color(style: Style) -> Color | None:
    """The colour that a computed style fills with; None if it paints in any other way, or nothing."""
    if style.get("stroke", "none") != "none" or style.get("visibility", "visible") != "visible":
        return None
    if any(style.get(name, "1") not in ("1", "1.0") for name in ("fill-opacity", "opacity")):
        return None
    color = tinycss2.color3.parse_color(style.get("fill", "black"))
    if not isinstance(color, tinycss2.color3.RGBA) or color.alpha != 1:
        return None
    return color.red, color.green, color.blue


def _declarations(css: Any) -> dict[str, tuple[str, bool]]:
    parsed = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    return {
        item.lower_name: (tinycss2.serialize(item.value).strip(), item.important)
        for item in parsed
        if item.type == "declaration"
    }


def _expand_font(style: dict[str, str]) -> dict[str, str]:
    match = _FONT.fullmatch(style.get("font", ""))
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


def _font_size(written: str, inherited: str) -> str:
    """A font size in pixels; what is no length, such as a slot's mark, stays as it is."""
    absolute = _FONT_SIZES.get(written) or pixels(written)
    if absolute is not None:
        return f"{absolute:g}"
    relative = re.fullmatch(r"([\d.]+)(em|%)", written.strip())
    parent = pixels(inherited)
    if relative and parent is not None:
        return f"{float(relative[1]) * parent / (100 if relative[2] == '%' else 1):g}"
    return written
