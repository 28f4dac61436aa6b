"""Compute CSS colours as sRGB, as Chromium draws them on a screen of that colour space."""

import math
import re
from functools import lru_cache
from typing import Any

import coloraide
import tinycss2.color3

from certbeam.artwork.css.lengths import DEFAULT_CONTEXT, compute_angle, compute_number, compute_quantity
from certbeam.artwork.css.tokens import parse_value, serialise, split_at_commas, without_white_space

CURRENT_COLOR = "currentColor"
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
# https://www.w3.org/TR/css-color-4/#css-system-colors, as Chromium draws them in light mode
_SYSTEM_COLORS = {
    "accentcolor": "#0075ff",
    "buttonborder": "#000000",
    "buttonface": "#efefef",
    "buttontext": "#000000",
    "canvas": "#ffffff",
    "canvastext": "#000000",
    "field": "#ffffff",
    "fieldtext": "#000000",
    "graytext": "#808080",
    "highlight": "#b5d5ff",
    "highlighttext": "#000000",
    "linktext": "#0000ee",
    "mark": "#ffff00",
    "marktext": "#000000",
}
# The channels of each colour function, and what 100 % of each is.
_CHANNELS: dict[str, tuple[str, tuple[tuple[str, float], ...]]] = {
    "rgb": ("srgb", (("r", 255.0), ("g", 255.0), ("b", 255.0))),
    "hsl": ("hsl", (("h", 360.0), ("s", 100.0), ("l", 100.0))),
    "hwb": ("hwb", (("h", 360.0), ("w", 100.0), ("b", 100.0))),
    "lab": ("lab", (("l", 100.0), ("a", 125.0), ("b", 125.0))),
    "lch": ("lch", (("l", 100.0), ("c", 150.0), ("h", 360.0))),
    "oklab": ("oklab", (("l", 1.0), ("a", 0.4), ("b", 0.4))),
    "oklch": ("oklch", (("l", 1.0), ("c", 0.4), ("h", 360.0))),
}
_ALIASES = {"rgba": "rgb", "hsla": "hsl"}
# What one unit of a channel is in coloraide's ranges.
_FACTORS = {"srgb": (1 / 255,) * 3, "hsl": (1.0, 0.01, 0.01), "hwb": (1.0, 0.01, 0.01)}
_SPACES = {
    "srgb": "srgb",
    "srgb-linear": "srgb-linear",
    "display-p3": "display-p3",
    "a98-rgb": "a98-rgb",
    "prophoto-rgb": "prophoto-rgb",
    "rec2020": "rec2020",
    "xyz": "xyz-d65",
    "xyz-d65": "xyz-d65",
    "xyz-d50": "xyz-d50",
}
_XYZ: tuple[tuple[str, float], ...] = (("x", 1.0), ("y", 1.0), ("z", 1.0))
_RGB: tuple[tuple[str, float], ...] = (("r", 1.0), ("g", 1.0), ("b", 1.0))
_MIXING_SPACES = {**_SPACES, **{name: name for name in ("hsl", "hwb", "lab", "lch", "oklab", "oklch")}}
_MAX_DEPTH = 8  # of nested colours


@lru_cache(4096)
def compute_color(value: str) -> str | None:
    """Compute a colour.

    Returns:
        ``#rrggbb`` or ``#rrggbbaa``; a name or a short hexadecimal colour of SVG 1.1 as it is; ``currentColor``;
        None if the value is not a colour.
    """
    text = value.strip()
    if _HEX.fullmatch(text):
        return text
    tokens = parse_value(text)
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.type == "ident":
        return _compute_name(token.lower_value)
    color = _parse(token, 0)
    return None if color is None else _format(color)


def split_alpha(color: str) -> tuple[str, float]:
    """Split a computed colour into an opaque colour and an alpha value from 0 to 1."""
    if len(color) == 9 and color.startswith("#"):
        return color[:7], round(int(color[7:], 16) / 255, 3)
    return color, 1.0


def _compute_name(name: str) -> str | None:
    if name == "currentcolor":
        return CURRENT_COLOR
    if name == "transparent":
        return "#00000000"
    if name == "rebeccapurple":
        return "#663399"
    if name in _SYSTEM_COLORS:
        return _SYSTEM_COLORS[name]
    return name if isinstance(tinycss2.color3.parse_color(name), tinycss2.color3.RGBA) else None


def _format(color: coloraide.Color) -> str:
    red, green, blue = (
        round(255 * min(max(0.0 if math.isnan(channel) else channel, 0.0), 1.0))
        for channel in color.convert("srgb").coords()
    )
    alpha = round(255 * min(max(0.0 if math.isnan(color.alpha()) else color.alpha(), 0.0), 1.0))
    return f"#{red:02x}{green:02x}{blue:02x}" + (f"{alpha:02x}" if alpha < 255 else "")


def _parse(token: Any, depth: int) -> coloraide.Color | None:
    if depth > _MAX_DEPTH:
        return None
    if token.type in ("ident", "hash"):
        return _parse_simple(token)
    if token.type != "function":
        return None
    name = _ALIASES.get(token.lower_name, token.lower_name)
    if name == "color-mix":
        return _mix(token, depth + 1)
    if name == "light-dark":
        schemes = split_at_commas(token.arguments)
        return _parse(schemes[0][0], depth + 1) if len(schemes) == 2 and len(schemes[0]) == 1 else None
    if name == "color" or name in _CHANNELS:
        return _parse_function(name, token, depth + 1)
    return None


def _parse_simple(token: Any) -> coloraide.Color | None:
    name = _compute_name(token.lower_value) if token.type == "ident" else f"#{token.value}"
    if name is None or name == CURRENT_COLOR:
        return None
    try:
        return coloraide.Color(name)
    except ValueError:
        return None


def _parse_function(name: str, token: Any, depth: int) -> coloraide.Color | None:
    """Parse a colour function, in the syntax with commas or spaces, or relative to another colour."""
    arguments = [argument for argument in without_white_space(token.arguments) if argument != ","]
    origin = None
    if len(arguments) > 1 and arguments[0].type == "ident" and arguments[0].lower_value == "from":
        origin = _parse(arguments[1], depth)
        arguments = arguments[2:]
        if origin is None:
            return None
    if name == "color":
        if not arguments or arguments[0].type != "ident" or arguments[0].lower_value not in _SPACES:
            return None
        space = _SPACES[arguments.pop(0).lower_value]
        channels = _XYZ if space.startswith("xyz") else _RGB
    else:
        space, channels = _CHANNELS[name]
    alpha_tokens = arguments[3:]
    if alpha_tokens and alpha_tokens[0] == "/":
        alpha_tokens = alpha_tokens[1:]
    if len(arguments) < 3 or len(alpha_tokens) > 1:
        return None
    factors = _FACTORS.get(space, (1.0, 1.0, 1.0)) if name != "color" else (1.0, 1.0, 1.0)
    known = _find_origin_channels(origin, space, channels, factors)
    values = [
        _compute_channel(argument, full, known)
        for argument, (_, full) in zip(arguments, channels, strict=False)
    ]
    alpha = _compute_channel(alpha_tokens[0], 1.0, known) if alpha_tokens else known.get("alpha", 1.0)
    if alpha is None or any(value is None for value in values):
        return None
    coordinates = [(value or 0.0) * factor for value, factor in zip(values, factors, strict=True)]
    return coloraide.Color(space, coordinates, min(max(alpha, 0.0), 1.0))


def _find_origin_channels(
    origin: coloraide.Color | None,
    space: str,
    channels: tuple[tuple[str, float], ...],
    factors: tuple[float, ...],
) -> dict[str, float]:
    """Return the values of the channel keywords of a relative colour."""
    if origin is None:
        return {}
    coordinates = origin.convert(space).coords()
    known = {
        name: (0.0 if math.isnan(value) else value) / factor
        for (name, _), value, factor in zip(channels, coordinates, factors, strict=True)
    }
    return known | {"alpha": float(origin.alpha())}


def _compute_channel(token: Any, full: float, known: dict[str, float]) -> float | None:
    """Return a channel's value in the units of its function; ``none`` is 0."""
    if token.type == "ident":
        return 0.0 if token.lower_value == "none" else known.get(token.lower_value)
    if token.type == "percentage":
        return float(token.value) / 100 * full
    angle = compute_angle([token])
    if angle is not None:
        return angle
    if known and token.type == "function":
        text = serialise([token])
        for name, value in sorted(known.items(), key=lambda item: -len(item[0])):
            text = re.sub(rf"\b{name}\b(?!\()", f"{value:.9g}", text)
        token = parse_value(text)[0]
    quantity = compute_quantity(token, DEFAULT_CONTEXT, full)
    return None if quantity is None else quantity.value


def _mix(token: Any, depth: int) -> coloraide.Color | None:
    """Mix two colours (CSS Color 5, 3)."""
    parts = split_at_commas(token.arguments)
    method = [word.lower_value for word in parts[0] if word.type == "ident"]
    if method[:1] == ["in"] and len(parts) == 3 and len(method) in (2, 4):
        parts = parts[1:]
    elif len(parts) == 2 and method[:1] != ["in"]:
        method = ["in", "oklab"]
    else:
        return None
    space = _MIXING_SPACES.get(method[1])
    first, second = (_parse_share(part, depth) for part in parts)
    if space is None or first is None or second is None:
        return None
    (color, share), (other, other_share) = first, second
    if share is None:
        share = 0.5 if other_share is None else 1 - other_share
    if other_share is None:
        other_share = 1 - share
    total = share + other_share
    if total <= 0:
        return None
    hue = method[2] if len(method) == 4 and method[2] in ("longer", "increasing", "decreasing") else "shorter"
    mixed = color.mix(other, other_share / total, space=space, hue=hue, premultiplied=True)
    return mixed.set("alpha", mixed.alpha() * min(total, 1.0))


def _parse_share(tokens: list[Any], depth: int) -> tuple[coloraide.Color, float | None] | None:
    """Parse a colour with an optional percentage before or after it."""
    shares = [token for token in tokens if token.type == "percentage"]
    colors = [token for token in tokens if token.type != "percentage"]
    if len(colors) != 1 or len(shares) > 1:
        return None
    color = _parse(colors[0], depth)
    share = compute_number(shares, percentages=True) if shares else None
    return None if color is None else (color, share)
