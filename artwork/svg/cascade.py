"""Compute the styles of a template's elements from their attributes and inheritance."""

from collections.abc import Mapping

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
_PROPERTIES = LAYOUT_PROPERTIES | PAINT_PROPERTIES
_CLIP_PATH = f"{{{SVG}}}clipPath"
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
# Properties that affect how the content of an element is painted, with the values that have no effect.
_VALUES_WITHOUT_EFFECT = {
    "clip-path": ("none",),
    "display": ("inline", "block"),
    "filter": ("none",),
    "mask": ("none",),
    "mix-blend-mode": ("normal",),
    "opacity": ("1", "1.0"),
}
_TOLERANCE = 0.001  # of the longer side of the view box: how far drawing programs round a page's size

Style = Mapping[str, str]
"""Values of properties by name."""


class Cascade:
    """Declared and computed styles of the elements of one document in the normal form.

    Its styles are presentation attributes, and ``style`` attributes of properties that have none: see
    :mod:`certbeam.artwork.css`.

    Attributes:
        root: its root element.
    """

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._computed: dict[etree._Element, dict[str, str]] = {}

    def declared_style(self, element: etree._Element) -> dict[str, str]:
        """Return the properties that an element itself has, without inherited ones."""
        style = {str(name): str(value) for name, value in element.items() if name in _PROPERTIES}
        for declaration in str(element.get("style", "")).split(";"):
            name, _, value = declaration.partition(":")
            if name in _PROPERTIES:
                style[name] = value
        return style

    def computed_style(self, element: etree._Element) -> dict[str, str]:
        """Return the properties that apply to an element, including inherited ones; ``font-size`` is in pixels."""
        computed = self._computed.get(element)
        if computed is None:
            parent = element.getparent()
            outer = {} if parent is None else self.computed_style(parent)
            own = self.declared_style(element)
            if element.get(f"{{{XML}}}space") == "preserve":
                own.setdefault("white-space", "pre")
            inherited = {name: value for name, value in outer.items() if name not in _NOT_INHERITED}
            computed = self._computed[element] = inherited | own
        return dict(computed)

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
        path = next((element for element in self.root.iter(_CLIP_PATH) if element.get("id") == name), None)
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
