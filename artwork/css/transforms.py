"""Compute the matrices of the transform attribute and of the CSS transform properties."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from certbeam.artwork.css.lengths import LengthContext, compute_angle, compute_length, compute_number
from certbeam.artwork.css.tokens import (
    Tokens,
    find_keyword,
    format_number,
    parse_value,
    split_at_commas,
    without_white_space,
)
from certbeam.artwork.geometry import Matrix
from certbeam.artwork.svg.transforms import build_matrix

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*,?\s*")
_FUNCTION = re.compile(r"\s*([A-Za-z]+)\s*\(([^()]*)\)\s*,?\s*")
_CANONICAL = re.compile(r"(?:[a-zA-Z]+\([-0-9., e]*\)\s?)+")
_CANONICAL_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:[ ,]-?\d+(?:\.\d+)?)*")

Box = tuple[float, float, float, float]
"""x, y, width and height in user units."""


def parse_transform_attribute(value: str) -> Matrix | None:
    """Parse a ``transform`` attribute in the grammar of SVG 1.1, as minified as it may be.

    Returns:
        None if it is invalid, and thus has no effect.
    """
    matrix = Matrix()
    position = 0
    text = value.strip()
    while position < len(text):
        match = _FUNCTION.match(text, position)
        numbers = None if match is None else parse_numbers(match[2])
        function = None if match is None or numbers is None else build_matrix(match[1], numbers)
        if match is None or function is None:
            return None
        matrix = matrix @ function
        position = match.end()
    return matrix


def parse_numbers(text: str) -> list[float] | None:
    """Parse numbers that white space, a comma, a sign or a second decimal point separates; None if invalid."""
    numbers: list[float] = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _NUMBER.match(text, position)
        if match is None:
            return None
        numbers.append(float(match[1]))
        position = match.end()
    return numbers if all(map(math.isfinite, numbers)) else None


def is_canonical(value: str) -> bool:
    """Return True if every engine parses a ``transform`` attribute: plain numbers with a separator between them."""
    if not _CANONICAL.fullmatch(value):
        return False
    arguments = re.findall(r"\(([^()]*)\)", value)
    return all(_CANONICAL_NUMBERS.fullmatch(re.sub(r", ", ",", argument)) for argument in arguments)


def format_matrix(matrix: Matrix) -> str:
    """Return a matrix as the value of a ``transform`` attribute."""
    values = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
    if values[:4] == (1, 0, 0, 1):
        return f"translate({format_number(matrix.e)},{format_number(matrix.f)})"
    return f"matrix({','.join(format_number(value) for value in values)})"


def compute_transform(
    styles: Mapping[str, str], attribute: Matrix | None, box: Box, context: LengthContext
) -> Matrix | None:
    """Compute the matrix of the CSS properties translate, rotate, scale, transform and transform-origin.

    Args:
        styles: the specified values of these properties that an element has.
        attribute: the matrix of its transform attribute, which applies if the property has no value.
        box: the reference box.
        context: what relative lengths refer to.

    Returns:
        None if they have no effect.
    """
    parts = [
        _compute_translate(styles.get("translate", "none"), box, context),
        _compute_rotate(styles.get("rotate", "none")),
        _compute_scale(styles.get("scale", "none")),
        parse_css_transform(styles["transform"], box, context) if "transform" in styles else attribute,
    ]
    matrix = Matrix()
    for part in parts:
        matrix = matrix if part is None else matrix @ part
    if matrix == Matrix():
        return None
    x, y = compute_origin(styles.get("transform-origin", ""), box, context)
    return Matrix(e=x, f=y) @ matrix @ Matrix(e=-x, f=-y)


def compute_origin(value: str, box: Box, context: LengthContext) -> tuple[float, float]:
    """Return the coordinates of a ``transform-origin`` or another position in a box."""
    left, top, width, height = box
    words = {"left": ("x", 0.0), "right": ("x", width), "top": ("y", 0.0), "bottom": ("y", height)}
    position: dict[str, float] = {}
    tokens = without_white_space(parse_value(value))[:2] if value else []
    first, second = find_keyword(tokens[:1]), find_keyword(tokens[1:])
    if len(tokens) == 2 and (first in ("top", "bottom") or second in ("left", "right")):
        tokens.reverse()
    for token in tokens:
        axis = "y" if "x" in position else "x"
        word = find_keyword([token])
        if word in words:
            axis, position[words[word][0]] = words[word][0], words[word][1]
        elif word == "center":
            position[axis] = width / 2 if axis == "x" else height / 2
        else:
            length = compute_length([token], context, width if axis == "x" else height)
            if length is not None:
                position[axis] = length
    # A single value leaves the other axis in the centre; without any, the origin is that of SVG.
    other = (width / 2, height / 2) if position else (0.0, 0.0)
    return left + position.get("x", other[0]), top + position.get("y", other[1])


def parse_css_transform(value: str, box: Box, context: LengthContext) -> Matrix | None:
    """Parse the CSS property ``transform``; None for ``none`` or an invalid value."""
    tokens = without_white_space(parse_value(value))
    if find_keyword(tokens) == "none" or not tokens:
        return None
    matrix = Matrix()
    for token in tokens:
        if token.type != "function":
            return None
        arguments = split_at_commas(token.arguments)
        function = _build_css_function(token.lower_name, arguments, box, context)
        if function is None:
            return None
        matrix = matrix @ function
    return matrix


def _build_css_function(
    name: str, arguments: list[list[Any]], box: Box, context: LengthContext
) -> Matrix | None:
    """Return the matrix of a transform function (CSS Transforms 1, 14; of level 2, the part in the plane)."""
    if name.startswith("translate"):
        return _build_translate(name.removeprefix("translate"), arguments, box, context)
    if name.startswith("scale"):
        return _build_scale(name.removeprefix("scale"), arguments)
    if name in ("rotate", "rotatez", "rotatex", "rotatey", "rotate3d", "skew", "skewx", "skewy"):
        return _build_rotation(name, arguments)
    numbers = _compute_all(arguments)
    if name == "matrix" and numbers is not None and len(numbers) == 6:
        return Matrix(*numbers)
    if name == "matrix3d" and numbers is not None and len(numbers) == 16:
        return Matrix(numbers[0], numbers[1], numbers[4], numbers[5], numbers[12], numbers[13])
    return Matrix() if name == "perspective" else None


def _compute_all(arguments: list[list[Any]]) -> list[float] | None:
    numbers = [compute_number(argument, percentages=True) for argument in arguments]
    known = [number for number in numbers if number is not None]
    return known if len(known) == len(numbers) else None


def _build_translate(
    axes: str, arguments: list[list[Any]], box: Box, context: LengthContext
) -> Matrix | None:
    bases = {
        "": (box[2], box[3]),
        "x": (box[2],),
        "y": (box[3],),
        "z": (0.0,),
        "3d": (box[2], box[3], 0.0),
    }.get(axes)
    if bases is None or not 1 <= len(arguments) <= len(bases):
        return None
    lengths = [
        compute_length(argument, context, base) for argument, base in zip(arguments, bases, strict=False)
    ]
    known = [length for length in lengths if length is not None]
    if len(known) != len(lengths):
        return None
    if axes == "z":
        return Matrix()
    return Matrix(f=known[0]) if axes == "y" else Matrix(e=known[0], f=known[1] if len(known) > 1 else 0.0)


def _build_scale(axes: str, arguments: list[list[Any]]) -> Matrix | None:
    numbers = _compute_all(arguments)
    if not numbers:
        return None
    match axes, numbers:
        case "", [factor]:
            return Matrix(a=factor, d=factor)
        case ("", [x, y]) | ("3d", [x, y, _]):
            return Matrix(a=x, d=y)
        case "x", [x]:
            return Matrix(a=x)
        case "y", [y]:
            return Matrix(d=y)
        case "z", [_]:
            return Matrix()
    return None


def _build_rotation(name: str, arguments: list[list[Any]]) -> Matrix | None:
    if name == "rotate3d":
        axis = _compute_all(arguments[:3])
        return _rotate_around(axis, compute_angle(arguments[3])) if axis and len(arguments) == 4 else None
    angles = [compute_angle(argument) for argument in arguments]
    known = [angle for angle in angles if angle is not None]
    if len(known) != len(angles) or not 1 <= len(known) <= (2 if name == "skew" else 1):
        return None
    angle = known[0]
    match name:
        case "rotate" | "rotatez":
            return build_matrix("rotate", [angle])
        case "rotatex":
            return Matrix(d=math.cos(math.radians(angle)))
        case "rotatey":
            return Matrix(a=math.cos(math.radians(angle)))
        case "skewx" | "skew":
            vertical = math.tan(math.radians(known[1])) if len(known) > 1 else 0.0
            return Matrix(b=vertical, c=math.tan(math.radians(angle)))
    return build_matrix("skewY", [angle])


def _rotate_around(axis: Sequence[float], angle: float | None) -> Matrix | None:
    """Return the part in the plane of a rotation around one of the three axes."""
    if angle is None:
        return None
    match [bool(coordinate) for coordinate in axis]:
        case [False, False, True]:
            return build_matrix("rotate", [math.copysign(angle, angle * axis[2])])
        case [True, False, False]:
            return Matrix(d=math.cos(math.radians(angle)))
        case [False, True, False]:
            return Matrix(a=math.cos(math.radians(angle)))
    return None


def _compute_translate(value: str, box: Box, context: LengthContext) -> Matrix | None:
    tokens: Tokens = without_white_space(parse_value(value))
    if find_keyword(tokens) == "none" or not tokens:
        return None
    return _build_translate("", [[token] for token in tokens[:2]], box, context)


def _compute_rotate(value: str) -> Matrix | None:
    tokens = without_white_space(parse_value(value))
    if find_keyword(tokens) == "none" or not tokens:
        return None
    axes = {"x": "rotatex", "y": "rotatey", "z": "rotate"}
    word = find_keyword(tokens[:1])
    if len(tokens) == 2 and word in axes:
        return _build_rotation(axes[word], [[tokens[1]]])
    if len(tokens) == 4:
        return _build_rotation("rotate3d", [[token] for token in tokens])
    return _build_rotation("rotate", [[token] for token in tokens])


def _compute_scale(value: str) -> Matrix | None:
    tokens = without_white_space(parse_value(value))
    if find_keyword(tokens) == "none" or not tokens:
        return None
    return _build_scale("", [[token] for token in tokens[:2]])
