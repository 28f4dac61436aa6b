"""Convert the basic shapes of clip-path to path data."""

from typing import Any

from certbeam.artwork.css.bounds import build_ellipse, build_rectangle
from certbeam.artwork.css.lengths import LengthContext, compute_length
from certbeam.artwork.css.path_data import Segment, format_path, is_complete_path, parse_path, transform_path
from certbeam.artwork.css.tokens import (
    find_keyword,
    is_literal,
    parse_value,
    serialise,
    split_at_commas,
    without_white_space,
)
from certbeam.artwork.css.transforms import Box, compute_origin
from certbeam.artwork.geometry import Matrix

_BOXES = ("border-box", "content-box", "fill-box", "margin-box", "padding-box", "stroke-box", "view-box")


def find_reference_box(value: str) -> str:
    """Return the keyword of the reference box of a ``clip-path``: ``fill-box``, ``stroke-box`` or ``view-box``."""
    words = [find_keyword([token]) for token in without_white_space(parse_value(value))]
    word = next((word for word in words if word in _BOXES), "border-box")
    return {
        "fill-box": "fill-box",
        "content-box": "fill-box",
        "padding-box": "fill-box",
        "view-box": "view-box",
    }.get(word, "stroke-box")


def build_clip_shape(value: str, box: Box, context: LengthContext) -> tuple[str, str] | None:
    """Convert a basic shape.

    Args:
        value: the value of ``clip-path``.
        box: its reference box.
        context: what relative lengths refer to.

    Returns:
        Path data and its fill rule; None if the shape is invalid or not supported.
    """
    functions = [token for token in parse_value(value) if token.type == "function"]
    if not functions:
        return format_path(build_rectangle(*box, [(0.0, 0.0)] * 4)), "nonzero"
    if len(functions) > 1:
        return None
    function = functions[0]
    rule, arguments = _split_fill_rule(function)
    segments = _build_segments(function.lower_name, arguments, box, context)
    return None if segments is None else (format_path(segments), rule)


def _split_fill_rule(function: Any) -> tuple[str, list[Any]]:
    arguments = list(function.arguments)
    parts = split_at_commas(arguments)
    if function.lower_name in ("polygon", "path") and find_keyword(parts[0]) in ("nonzero", "evenodd"):
        comma = next(
            (index for index, token in enumerate(arguments) if is_literal(token, ",")), len(arguments)
        )
        return find_keyword(parts[0]), arguments[comma + 1 :]
    return "nonzero", arguments


def _build_segments(
    name: str, arguments: list[Any], box: Box, context: LengthContext
) -> list[Segment] | None:
    x, y, width, height = box
    tokens = without_white_space(arguments)
    if name in ("circle", "ellipse"):
        return _build_round(name, tokens, box, context)
    if name == "polygon":
        return _build_polygon(arguments, box, context)
    if name == "path":
        strings = [token.value for token in tokens if token.type == "string"]
        is_valid = len(strings) == 1 and is_complete_path(strings[0])
        return transform_path(parse_path(strings[0]), Matrix(e=x, f=y)) if is_valid else None
    position = next(
        (index for index, token in enumerate(tokens) if find_keyword([token]) == "round"), len(tokens)
    )
    sides = _compute_sides(name, tokens[:position], (width, height), context)
    if sides is None:
        return None
    left, top, right, bottom = sides
    size = (max(right - left, 0.0), max(bottom - top, 0.0))
    radii = _compute_radii(tokens[position + 1 :], size, context)
    return build_rectangle(x + left, y + top, *size, radii)


def _compute_sides(
    name: str, tokens: list[Any], size: tuple[float, float], context: LengthContext
) -> tuple[float, float, float, float] | None:
    """Return the left, top, right and bottom edge of inset(), xywh() and rect(), relative to the box."""
    width, height = size
    if name == "inset":
        values = _repeat(tokens)
        bases = (height, width, height, width)
    elif name in ("xywh", "rect") and len(tokens) == 4:
        values = tokens
        bases = (width, height, width, height) if name == "xywh" else (height, width, height, width)
    else:
        return None
    auto = (0.0, width, height, 0.0)
    lengths = [
        edge if name == "rect" and find_keyword([token]) == "auto" else compute_length([token], context, base)
        for token, base, edge in zip(values, bases, auto, strict=True)
    ]
    known = [length for length in lengths if length is not None]
    if len(known) != 4:
        return None
    first, second, third, fourth = known
    if name == "inset":
        return fourth, first, width - second, height - third
    return (
        (first, second, first + third, second + fourth) if name == "xywh" else (fourth, first, second, third)
    )


def _repeat(tokens: list[Any]) -> list[Any]:
    """Complete one to four values for the sides, as the margin property does."""
    match tokens:
        case [value]:
            return [value] * 4
        case [first, second]:
            return [first, second, first, second]
        case [first, second, third]:
            return [first, second, third, second]
    return tokens[:4] or [parse_value("0")[0]] * 4


def _compute_radii(
    tokens: list[Any], size: tuple[float, float], context: LengthContext
) -> list[tuple[float, float]]:
    if not tokens:
        return [(0.0, 0.0)] * 4
    slash = next((index for index, token in enumerate(tokens) if is_literal(token, "/")), len(tokens))
    horizontal = _repeat(tokens[:slash])
    vertical = _repeat(tokens[slash + 1 :]) if slash < len(tokens) else horizontal
    return [
        (compute_length([rx], context, size[0]) or 0.0, compute_length([ry], context, size[1]) or 0.0)
        for rx, ry in zip(horizontal, vertical, strict=True)
    ]


def _build_round(name: str, tokens: list[Any], box: Box, context: LengthContext) -> list[Segment] | None:
    """Return a circle() or ellipse()."""
    position = next(
        (index for index, token in enumerate(tokens) if find_keyword([token]) == "at"), len(tokens)
    )
    centre = serialise(_with_spaces(tokens[position + 1 :])) or "50% 50%"
    cx, cy = compute_origin(centre, box, context)
    left, top, width, height = box
    horizontal, vertical = (cx - left, left + width - cx), (cy - top, top + height - cy)
    if name == "circle":
        sides = (*horizontal, *vertical)
        base = ((width * width + height * height) / 2) ** 0.5
        radius = _compute_radius(tokens[:position], sides, base, context)
        return None if radius is None else build_ellipse(cx, cy, radius, radius)
    radii = tokens[:position] or [parse_value("closest-side")[0]] * 2
    if len(radii) != 2:
        return None
    rx = _compute_radius(radii[:1], horizontal, width, context)
    ry = _compute_radius(radii[1:], vertical, height, context)
    return None if rx is None or ry is None else build_ellipse(cx, cy, rx, ry)


def _with_spaces(tokens: list[Any]) -> list[Any]:
    space = parse_value("a b")[1]
    return [part for token in tokens for part in (token, space)]


def _compute_radius(
    tokens: list[Any], sides: tuple[float, ...], base: float, context: LengthContext
) -> float | None:
    word = find_keyword(tokens)
    if not tokens or word == "closest-side":
        return min(map(abs, sides))
    return max(map(abs, sides)) if word == "farthest-side" else compute_length(tokens, context, base)


def _build_polygon(arguments: list[Any], box: Box, context: LengthContext) -> list[Segment] | None:
    left, top, width, height = box
    points = []
    for part in split_at_commas(arguments):
        if len(part) != 2:
            return None
        x, y = compute_length(part[:1], context, width), compute_length(part[1:], context, height)
        if x is None or y is None:
            return None
        points.append((left + x, top + y))
    return [*(Segment("L" if index else "M", point) for index, point in enumerate(points)), Segment("Z")]
