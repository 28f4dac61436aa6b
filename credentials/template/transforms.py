"""SVG's transform attribute."""

import math
import re

from lxml import etree

from certbeam.credentials.drawing import Matrix
from certbeam.credentials.template.tree import SVG
from certbeam.credentials.template.view_box import Canvas

_FUNCTION = re.compile(r"(\w+)\s*\(([^)]*)\)")


def to_canvas(element: etree._Element) -> Matrix | None:
    """The transform from an element's coordinates to the template's.

    None where it cannot be read, and in a place of its own: a nested <svg>, a pattern, a symbol.
    """
    matrix = Matrix()
    for ancestor in (element, *element.iterancestors()):
        if ancestor.getparent() is None:
            return matrix
        if ancestor.tag not in _TRANSPARENT or "transform-origin" in ancestor.attrib:
            return None
        own = parse_transform(str(ancestor.get("transform", "")))
        if own is None:
            return None
        matrix = own @ matrix
    return None


_TRANSPARENT = frozenset(f"{{{SVG}}}{name}" for name in ("g", "a", "text", "tspan", "image"))


def parse_transform(written: str) -> Matrix | None:
    """The matrix of a transform attribute; None if it cannot be read, or flattens what it transforms."""
    matrix = Matrix()
    for name, arguments in _FUNCTION.findall(written):
        try:
            numbers = [float(number) for number in re.split(r"[\s,]+", arguments.strip())]
        except ValueError:
            return None
        step = _step(name, numbers)
        if step is None:
            return None
        matrix = matrix @ step
    return matrix if matrix.a * matrix.d - matrix.b * matrix.c else None


def _step(name: str, numbers: list[float]) -> Matrix | None:
    """The matrix of one transform function (https://www.w3.org/TR/css-transforms-1/#svg-transform)."""
    match name, numbers:
        case "matrix", [a, b, c, d, e, f]:
            return Matrix(a, b, c, d, e, f)
        case "translate", [x, *rest] if len(rest) < 2:
            return Matrix(e=x, f=rest[0] if rest else 0.0)
        case "scale", [x, *rest] if len(rest) < 2:
            return Matrix(a=x, d=rest[0] if rest else x)
        case "rotate", [degrees]:
            cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            return Matrix(cosine, sine, -sine, cosine)
        case "rotate", [degrees, x, y]:
            turn = _step("rotate", [degrees])
            return turn and Matrix(e=x, f=y) @ turn @ Matrix(e=-x, f=-y)
        case "skewX", [degrees]:
            return Matrix(c=math.tan(math.radians(degrees)))
        case "skewY", [degrees]:
            return Matrix(b=math.tan(math.radians(degrees)))
    return None


def reach(element: etree._Element, canvas: Canvas, margin: float) -> tuple[float, float] | None:
    """The left and right ends of the canvas in an element's coordinates, a margin away from the edges.

    None where the element's transform does not tell.
    """
    matrix = to_canvas(element)
    if matrix is None or matrix.b or matrix.c or matrix.a <= 0:
        return None
    left, right = canvas.x + margin, canvas.x + canvas.width - margin
    return (left - matrix.e) / matrix.a, (right - matrix.e) / matrix.a
