"""Find the frames of a template: the rectangles that long names should not leave."""

from itertools import islice

from lxml import etree

from certbeam.artwork.geometry import Box, Matrix
from certbeam.artwork.svg.cascade import Cascade, find_rectangle
from certbeam.artwork.svg.transforms import compute_ctm, parse_transform
from certbeam.artwork.svg.tree import SVG
from certbeam.artwork.svg.view_box import ViewBox

_SHAPES = (f"{{{SVG}}}rect", f"{{{SVG}}}path")
_MIN_WIDTH = 6.0  # em of the text: a smaller shape is an ornament
_MIN_HEIGHT = 0.9  # em
_MAX_PATH_LENGTH = 200  # characters; a rectangle has fewer
_MAX_SHAPES = 2000  # the first ones, which are below the others
_MAX_WIDTH = 0.98  # of the view box's width: a wider shape is the page


def find_frames(root: etree._Element, cascade: Cascade, view_box: ViewBox) -> list[Box]:
    """Return the visible, upright rectangles of a template that are narrower than its page."""
    shapes = (shape for shape in root.iter(*_SHAPES) if len(str(shape.get("d", ""))) <= _MAX_PATH_LENGTH)
    boxes = (_find_box(shape, cascade) for shape in islice(shapes, _MAX_SHAPES))
    return [box for box in boxes if box is not None and 0 < box.width < _MAX_WIDTH * view_box.width]


def choose_frame(frames: list[Box], x: float, y: float, em: float) -> Box | None:
    """Return the smallest frame around the anchor point of a text; None if there is no frame.

    Args:
        frames: the frames of the template.
        x: the anchor point, in the template's user units.
        y: the baseline, in the template's user units.
        em: the font size in the template's user units.
    """
    around = [
        frame
        for frame in frames
        if frame.contains(x, y) and frame.width >= _MIN_WIDTH * em and frame.height >= _MIN_HEIGHT * em
    ]
    return min(around, key=lambda frame: frame.width * frame.height, default=None)


def _find_box(shape: etree._Element, cascade: Cascade) -> Box | None:
    edges = find_rectangle(shape)
    parent = shape.getparent()
    outer = None if parent is None else compute_ctm(parent)
    own = parse_transform(str(shape.get("transform", "")))
    if edges is None or outer is None or own is None or not _is_visible(cascade.computed_style(shape)):
        return None
    matrix = outer @ own
    if matrix.b or matrix.c:
        return None
    left, top, right, bottom = edges
    start, end = matrix @ Matrix(e=left, f=top), matrix @ Matrix(e=right, f=bottom)
    return Box(min(start.e, end.e), min(start.f, end.f), max(start.e, end.e), max(start.f, end.f))


def _is_visible(style: dict[str, str]) -> bool:
    is_painted = style.get("fill", "black") != "none" or style.get("stroke", "none") != "none"
    return is_painted and style.get("visibility", "visible") == "visible" and style.get("opacity") != "0"
