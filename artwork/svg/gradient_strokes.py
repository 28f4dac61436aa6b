"""Separate strokes of paint servers from fills in one colour, which PDFium draws over such a stroke."""

from lxml import etree

from certbeam.artwork.svg.cascade import Cascade
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
_MARKERS = ("marker-end", "marker-mid", "marker-start")


def separate_gradient_strokes(root: etree._Element) -> None:
    """Replace each shape with a fill in one colour and a stroke of a paint server by a group of two shapes."""
    cascade = Cascade(root)
    outlines = _find_outlines(root)
    shapes = [shape for shape in root.iter(*_SHAPES) if _has_both_paints(shape, cascade)]
    for shape in shapes:
        if f"#{shape.get('id')}" in outlines:
            continue
        order = cascade.computed_style(shape).get("paint-order", "normal")
        _separate(shape, is_stroke_first=order.startswith("stroke"))


def _find_outlines(root: etree._Element) -> set[str]:
    """Return the references to shapes of which only the outline is used, which cannot be groups."""
    references = {get_href(element) for element in root.iter(_TEXT_PATH)}
    return references.union(*(map(get_href, clip.iter(_USE)) for clip in root.iter(_CLIP_PATH)))


def _has_both_paints(shape: etree._Element, cascade: Cascade) -> bool:
    style = cascade.computed_style(shape)
    has_gradient_stroke = style.get("stroke", "none").startswith("url(")
    fill = style.get("fill", "black")
    if not has_gradient_stroke or fill == "none" or fill.startswith("url("):
        return False
    return not any(ancestor.tag == _CLIP_PATH for ancestor in shape.iterancestors())


def _separate(shape: etree._Element, *, is_stroke_first: bool) -> None:
    """Make a shape a group, which keeps all attributes but the geometry."""
    geometry = {name: str(shape.attrib.pop(name)) for name in _GEOMETRY if name in shape.attrib}
    tag = str(shape.tag)
    shape.tag = f"{{{SVG}}}g"
    fill = etree.Element(tag, {**geometry, "stroke": "none", **dict.fromkeys(_MARKERS, "none")})
    stroke = etree.Element(tag, {**geometry, "fill": "none"})
    shape.extend([stroke, fill] if is_stroke_first else [fill, stroke])
