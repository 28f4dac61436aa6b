"""SVG's transform attribute, as far as it moves and scales without turning."""

import re

from lxml import etree

from certbeam.credentials.drawing import Matrix
from certbeam.credentials.template.canvas import Canvas
from certbeam.credentials.template.tree import SVG

_FUNCTION = re.compile(r"(\w+)\s*\(([^)]*)\)")


def to_canvas(element: etree._Element) -> Matrix | None:
    """The transform from an element's coordinates to the template's.

    None where there is a turn or skew, or a place of its own: a nested <svg>, a pattern, a symbol.
    """
    matrix = Matrix()
    for ancestor in (element, *element.iterancestors()):
        if ancestor.getparent() is None:
            return matrix
        if ancestor.tag not in _TRANSPARENT:
            return None
        own = parse_transform(str(ancestor.get("transform", "")))
        if own is None:
            return None
        matrix = own @ matrix
    return None


_TRANSPARENT = frozenset(f"{{{SVG}}}{name}" for name in ("g", "a", "text", "tspan", "image"))


def parse_transform(written: str) -> Matrix | None:
    """The matrix of a transform attribute; None if it turns, skews, or cannot be read."""
    matrix = Matrix()
    for name, arguments in _FUNCTION.findall(written):
        try:
            numbers = [float(number) for number in re.split(r"[\s,]+", arguments.strip())]
        except ValueError:
            return None
        if name == "matrix" and len(numbers) == 6 and numbers[1] == numbers[2] == 0:
            matrix = matrix @ Matrix(*numbers)
        elif name == "translate":
            matrix = matrix @ Matrix(e=numbers[0], f=numbers[1] if len(numbers) > 1 else 0.0)
        elif name == "scale":
            matrix = matrix @ Matrix(a=numbers[0], d=numbers[-1])
        else:
            return None
    return matrix


def reach(element: etree._Element, canvas: Canvas, margin: float) -> tuple[float, float] | None:
    """The left and right ends of the canvas in an element's coordinates, a margin away from the edges.

    None where the element's transform does not tell.
    """
    matrix = to_canvas(element)
    if matrix is None or matrix.a <= 0:
        return None
    left, right = canvas.x + margin, canvas.x + canvas.width - margin
    return (left - matrix.e) / matrix.a, (right - matrix.e) / matrix.a
