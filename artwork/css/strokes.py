"""Convert strokes that are not scaled with their element (vector-effect) to strokes that are."""

from collections.abc import Mapping

from lxml import etree

from certbeam.artwork.css.bounds import SHAPES, build_segments, find_local_name
from certbeam.artwork.css.computed import ComputedStyle
from certbeam.artwork.css.path_data import format_path, transform_path
from certbeam.artwork.css.tokens import format_number, has_marker
from certbeam.artwork.css.transforms import format_matrix, parse_transform_attribute
from certbeam.artwork.geometry import Matrix
from certbeam.artwork.svg.lengths import parse_length

_GROUPS = frozenset({"a", "g", "switch"})
_GEOMETRY = ("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2", "y2", "points")
_TOLERANCE = 1e-6

Styles = Mapping[etree._Element, ComputedStyle]


def resolve_non_scaling_stroke(element: etree._Element, styles: Styles) -> bool:
    """Give a shape the stroke that ``vector-effect: non-scaling-stroke`` has at the size of the page.

    Args:
        element: the element, whose transforms are canonical.
        styles: the computed style of each element.

    Returns:
        False if its transform to the page is not known.
    """
    style = styles[element]
    if style.get("stroke") == "none" or find_local_name(element) not in SHAPES:
        return True
    ctm = _compute_page_matrix(element, styles)
    determinant = 0.0 if ctm is None else ctm.a * ctm.d - ctm.b * ctm.c
    if ctm is None or not determinant or has_marker(style.get("stroke-width")):
        return False
    if _is_similarity(ctm):
        _scale_stroke(element, style, 1 / abs(determinant) ** 0.5)
    else:
        _transform_shape(element, ctm)
    return True


def _is_similarity(matrix: Matrix) -> bool:
    """Return True if a matrix scales all directions equally, with or without a reflection."""
    limit = _TOLERANCE * (abs(matrix.a) + abs(matrix.b))
    rotates = abs(matrix.a - matrix.d) + abs(matrix.b + matrix.c) <= limit
    reflects = abs(matrix.a + matrix.d) + abs(matrix.b - matrix.c) <= limit
    return rotates or reflects


def _scale_stroke(element: etree._Element, style: ComputedStyle, factor: float) -> None:
    element.set("stroke-width", format_number((parse_length(style.get("stroke-width")) or 0.0) * factor))
    for name in ("stroke-dasharray", "stroke-dashoffset"):
        lengths = [parse_length(part) for part in style.get(name).split(",")]
        if None not in lengths and any(lengths):
            element.set(name, ",".join(format_number((length or 0.0) * factor) for length in lengths))


def _transform_shape(element: etree._Element, ctm: Matrix) -> None:
    """Draw a shape in the pixels of the page, because a transform would distort its stroke."""
    outline = build_segments(element) or []
    own = parse_transform_attribute(str(element.get("transform", ""))) or Matrix()
    inverse = invert(ctm)
    for name in _GEOMETRY:
        element.attrib.pop(name, "")
    element.tag = str(element.tag).replace(find_local_name(element), "path")
    element.set("d", format_path(transform_path(outline, ctm)))
    element.set("transform", format_matrix(own if inverse is None else own @ inverse))


def _compute_page_matrix(element: etree._Element, styles: Styles) -> Matrix | None:
    """Return the matrix from an element's user units to pixels of the page; None if it is unknown."""
    matrix = Matrix()
    for ancestor in (element, *element.iterancestors()):
        if ancestor.getparent() is None:
            page, box = styles[ancestor].context.page, styles[ancestor].context.viewport
            scale = 1.0 if box is None else min(page[0] / box[0], page[1] / box[1])
            return Matrix(a=scale, d=scale) @ matrix
        own = parse_transform_attribute(str(ancestor.get("transform", "")))
        if own is None or (ancestor is not element and find_local_name(ancestor) not in _GROUPS):
            return None
        matrix = own @ matrix
    return None


def invert(matrix: Matrix) -> Matrix | None:
    """Return the inverse of a matrix; None if it has none."""
    determinant = matrix.a * matrix.d - matrix.b * matrix.c
    if not determinant:
        return None
    a, b, c, d = (
        matrix.d / determinant,
        -matrix.b / determinant,
        -matrix.c / determinant,
        matrix.a / determinant,
    )
    return Matrix(a, b, c, d, -(a * matrix.e + c * matrix.f), -(b * matrix.e + d * matrix.f))
