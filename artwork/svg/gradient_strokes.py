"""Separate strokes of paint servers from fills in one colour, which PDFium draws over such a stroke."""

from lxml import etree

from certbeam.artwork.svg.cascade import Cascade, Style
from certbeam.artwork.svg.tree import SVG, get_href

_SHAPES = tuple(f"{{{SVG}}}{name}" for name in ("circle", "ellipse", "path", "polygon", "polyline", "rect"))
_CLIP_PATH = f"{{{SVG}}}clipPath"
_TEXT_PATH = f"{{{SVG}}}textPath"
_USE = f"{{{SVG}}}use"
# The attributes of a shape that do not apply to the shapes in a group.
_GEOMETRY = (
    *("cx", "cy", "d", "height", "pathLength", "points", "r", "rx", "ry", "width", "x", "y"),
    "vector-effect",
)
_FILL_ONLY, _STROKE_ONLY = "stroke:none", "fill:none"
_MARKERS = ("marker-end", "marker-mid", "marker-start")


def separate_gradient_strokes(root: etree._Element) -> None:
    """Replace each shape with a fill in one colour and a stroke of a paint server by a group of two shapes."""
    cascade = Cascade(root)
    outlines = _find_outlines(root)
    shapes = [shape for shape in root.iter(*_SHAPES) if _has_both_paints(shape, cascade)]
    for shape in shapes:
        if f"#{shape.get('id')}" in outlines:
            continue
        is_fill_first = find_layers(cascade.computed_style(shape))[0] == _FILL_ONLY
        _separate(shape, is_stroke_first=not is_fill_first)


def find_layers(style: Style) -> tuple[str, ...]:
    """Return the CSS declarations of each shape that draws a computed style: one without any if it is not separated."""
    fill = style.get("fill", "black")
    if not style.get("stroke", "none").startswith("url(") or fill == "none" or fill.startswith("url("):
        return ("",)
    if style.get("paint-order", "normal").startswith("stroke"):
        return _STROKE_ONLY, _FILL_ONLY
    return _FILL_ONLY, _STROKE_ONLY


def _find_outlines(root: etree._Element) -> set[str]:
    """Return the references to shapes of which only the outline is used, which cannot be groups."""
    references = {get_href(element) for element in root.iter(_TEXT_PATH)}
    return references.union(*(map(get_href, clip.iter(_USE)) for clip in root.iter(_CLIP_PATH)))


def _has_both_paints(shape: etree._Element, cascade: Cascade) -> bool:
    is_clip = any(ancestor.tag == _CLIP_PATH for ancestor in shape.iterancestors())
    return not is_clip and find_layers(cascade.computed_style(shape)) != ("",)


def _separate(shape: etree._Element, *, is_stroke_first: bool) -> None:
    """Make a shape a group, which keeps all attributes but the geometry."""
    geometry = {name: str(shape.attrib.pop(name)) for name in _GEOMETRY if name in shape.attrib}
    tag = str(shape.tag)
    shape.tag = f"{{{SVG}}}g"
    fill = etree.Element(tag, {**geometry, "stroke": "none", **dict.fromkeys(_MARKERS, "none")})
    stroke = etree.Element(tag, {**geometry, "fill": "none"})
    shape.extend([stroke, fill] if is_stroke_first else [fill, stroke])
