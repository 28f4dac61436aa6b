"""Parse the ``transform`` attribute, and compute the transformation matrices of elements."""

import math
import re

from lxml import etree

from certbeam.artwork.geometry import Box, Matrix, build_rotation
from certbeam.artwork.svg.tree import SVG

_FUNCTION = re.compile(r"(\w+)\s*\(([^)]*)\)")
# The elements that establish no coordinate system but by their transform attribute.
_TRANSPARENT_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in ("g", "a", "text", "tspan", "image"))


def compute_ctm(element: etree._Element) -> Matrix | None:
    """Compute the current transformation matrix: from an element's user units to those of the root element.

    Returns:
        None if a transform cannot be parsed, or if an ancestor establishes another coordinate system, such as a
        nested <svg>, a <pattern> or a <symbol>.
    """
    ctm = Matrix()
    for ancestor in (element, *element.iterancestors()):
        if ancestor.getparent() is None:
            return ctm
        if ancestor.tag not in _TRANSPARENT_ELEMENTS or "transform-origin" in ancestor.attrib:
            return None
        matrix = parse_transform(str(ancestor.get("transform", "")))
        if matrix is None:
            return None
        ctm = matrix @ ctm
    return None


def parse_transform(transform: str) -> Matrix | None:
    """Parse a ``transform`` attribute; return None if it is invalid or its matrix cannot be inverted."""
    matrix = Matrix()
    for name, arguments in _FUNCTION.findall(transform):
        try:
            numbers = [float(number) for number in re.split(r"[\s,]+", arguments.strip())]
        except ValueError:
            return None
        function = build_matrix(name, numbers)
        if function is None:
            return None
        matrix = matrix @ function
    return matrix if matrix.a * matrix.d - matrix.b * matrix.c else None


def build_matrix(name: str, numbers: list[float]) -> Matrix | None:
    """Return the matrix of a transform function; None if it is invalid (https://www.w3.org/TR/css-transforms-1/#svg-transform)."""
    match name, numbers:
        case "matrix", [a, b, c, d, e, f]:
            return Matrix(a, b, c, d, e, f)
        case "translate", [x, *rest] if len(rest) < 2:
            return Matrix(e=x, f=rest[0] if rest else 0.0)
        case "scale", [x, *rest] if len(rest) < 2:
            return Matrix(a=x, d=rest[0] if rest else x)
        case "rotate", [degrees]:
            return build_rotation(degrees)
        case "rotate", [degrees, x, y]:
            rotation = build_matrix("rotate", [degrees])
            return rotation and Matrix(e=x, f=y) @ rotation @ Matrix(e=-x, f=-y)
        case "skewX", [degrees]:
            return Matrix(c=math.tan(math.radians(degrees)))
        case "skewY", [degrees]:
            return Matrix(b=math.tan(math.radians(degrees)))
    return None


def transform_box(box: Box, element: etree._Element) -> Box | None:
    """Return a box of the root element's user units in the user units of an element.

    Returns:
        None if the element's transformation matrix is unknown, rotates, skews or mirrors.
    """
    ctm = compute_ctm(element)
    if ctm is None or ctm.b or ctm.c or ctm.a <= 0 or ctm.d <= 0:
        return None
    return Box(
        (box.left - ctm.e) / ctm.a,
        (box.top - ctm.f) / ctm.d,
        (box.right - ctm.e) / ctm.a,
        (box.bottom - ctm.f) / ctm.d,
    )
