"""Compute the filter functions of CSS, https://www.w3.org/TR/filter-effects-1/#filter-functions."""

from typing import Any

from certbeam.artwork.css.colors import CURRENT_COLOR, compute_color
from certbeam.artwork.css.lengths import LengthContext, compute_angle, compute_length, compute_number
from certbeam.artwork.css.tokens import Tokens, format_number, serialise, without_white_space

_AMOUNTS = frozenset({"brightness", "contrast", "grayscale", "invert", "opacity", "saturate", "sepia"})
_UP_TO_ONE = frozenset({"grayscale", "invert", "opacity", "sepia"})


def compute_filter_function(function: Any, context: LengthContext) -> str | None:
    """Compute a filter function.

    Lengths are in pixels and colours hexadecimal, because drawing engines do not read all notations of CSS.

    Args:
        function: the token of the function.
        context: what relative lengths refer to.

    Returns:
        The function; None if it is invalid.
    """
    name, arguments = function.lower_name, without_white_space(function.arguments)
    if name == "drop-shadow":
        computed = _compute_shadow(arguments, context)
    elif name in _AMOUNTS:
        computed = _compute_amount(name, arguments)
    elif name == "hue-rotate":
        angle = compute_angle(arguments, allow_number=False) if arguments else 0.0
        computed = None if angle is None else f"{format_number(angle)}deg"
    elif name == "blur":
        radius = compute_length(arguments, context, None, allow_number=False) if arguments else 0.0
        computed = None if radius is None or radius < 0 else f"{format_number(radius)}px"
    else:
        computed = None
    return None if computed is None else f"{name}({computed})"


def _compute_amount(name: str, arguments: Tokens) -> str | None:
    """Compute a number or a percentage."""
    amount = compute_number(arguments, percentages=True) if arguments else 1.0
    if amount is None or amount < 0:
        return None
    return format_number(min(amount, 1.0) if name in _UP_TO_ONE else amount)


def _compute_shadow(arguments: Tokens, context: LengthContext) -> str | None:
    """Compute the offsets, the blur radius and the colour of a shadow; the colour can be first or last."""
    lengths: list[str] = []
    colors: list[str] = []
    for index, token in enumerate(arguments):
        length = compute_length([token], context, None, allow_number=False)
        color = None if length is not None else compute_color(serialise([token]))
        if color is not None and index in (0, len(arguments) - 1):
            colors.append(color)
        elif length is None or (len(lengths) == 2 and length < 0):
            return None
        else:
            lengths.append(f"{format_number(length)}px")
    if len(lengths) not in (2, 3) or len(colors) > 1:
        return None
    return " ".join([*lengths, *(color for color in colors if color != CURRENT_COLOR)])
