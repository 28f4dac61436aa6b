"""Expand CSS shorthand properties to the properties that they set."""

from collections.abc import Mapping
from typing import Any

from certbeam.artwork.css.lengths import DEFAULT_CONTEXT
from certbeam.artwork.css.properties import PROPERTIES, compute_value
from certbeam.artwork.css.tokens import parse_value, serialise, without_white_space

ALIASES = {
    "-webkit-clip-path": "clip-path",
    "-webkit-filter": "filter",
    "-webkit-font-feature-settings": "font-feature-settings",
    "-webkit-mask": "mask",
    "-webkit-mask-image": "mask",
    "-webkit-opacity": "opacity",
    "-webkit-transform": "transform",
    "-webkit-transform-origin": "transform-origin",
    "font-width": "font-stretch",
    "mask-image": "mask",
    "overflow-x": "overflow",
}
WIDE_KEYWORDS = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})
"""Keywords that every property accepts (CSS Cascade 5, 7.3)."""

_MARKERS = ("marker-start", "marker-mid", "marker-end")
_FONT = (
    "font-style",
    "font-variant",
    "font-weight",
    "font-stretch",
    "font-size",
    "font-family",
)
_LONGHANDS: Mapping[str, tuple[str, ...]] = {
    "all": tuple(name for name in PROPERTIES if name not in ("direction", "unicode-bidi")),
    "background": ("background-color",),
    "font": _FONT,
    "marker": _MARKERS,
}
_STYLES = frozenset({"italic", "oblique"})
_VARIANTS = frozenset({"small-caps"})
_WIDTHS = frozenset(
    f"{prefix}{width}" for prefix in ("", "semi-", "extra-", "ultra-") for width in ("condensed", "expanded")
)


def find_longhands(name: str) -> tuple[str, ...]:
    """Return the properties that a declaration of a property sets; empty if it has no effect on SVG."""
    name = ALIASES.get(name, name)
    return _LONGHANDS.get(name, (name,) if name in PROPERTIES else ())


def expand(name: str, value: str) -> dict[str, str] | None:
    """Return the properties that a declaration sets, with their values.

    Args:
        name: the name of the property, in lower case.
        value: its value, without variables.

    Returns:
        None if the value is invalid.
    """
    name = ALIASES.get(name, name)
    if value.strip().lower() in WIDE_KEYWORDS:
        return dict.fromkeys(find_longhands(name), value.strip().lower())
    if name == "font":
        return _expand_font(value)
    if name == "background":
        return _expand_background(value)
    if name == "marker":
        return dict.fromkeys(_MARKERS, value)
    return {name: value} if name in PROPERTIES else None


def _expand_font(value: str) -> dict[str, str] | None:
    tokens = list(parse_value(value))
    font = dict.fromkeys(("font-style", "font-variant", "font-weight", "font-stretch"), "normal")
    while tokens:
        token = tokens.pop(0)
        if token.type == "whitespace":
            continue
        text = serialise([token])
        if _set_font_style(font, token, text):
            continue
        if compute_value("font-size", text, DEFAULT_CONTEXT) is None:
            return None
        font["font-size"] = text
        break
    tokens = _skip_white_space(tokens)
    if tokens and tokens[0] == "/":
        tokens = _skip_white_space(tokens[1:])[1:]  # the height of lines has no effect on SVG
    font["font-family"] = serialise(tokens)
    return font if font.get("font-size") and font["font-family"] else None


def _skip_white_space(tokens: list[Any]) -> list[Any]:
    while tokens and tokens[0].type == "whitespace":
        tokens = tokens[1:]
    return tokens


def _set_font_style(font: dict[str, str], token: Any, text: str) -> bool:
    """Set the property of a component value before the font size; False if it has none."""
    word = token.lower_value if token.type == "ident" else ""
    if word == "normal":
        return True
    for name, words in (("font-style", _STYLES), ("font-variant", _VARIANTS), ("font-stretch", _WIDTHS)):
        if word in words:
            font[name] = word
            return True
    if token.type == "number" or word in ("bold", "bolder", "lighter"):
        font["font-weight"] = text
        return compute_value("font-weight", text, DEFAULT_CONTEXT) is not None
    return False


def _expand_background(value: str) -> dict[str, str] | None:
    """Return the colour of a background; images are not supported."""
    for token in without_white_space(parse_value(value)):
        text = serialise([token])
        if compute_value("color", text, DEFAULT_CONTEXT) is not None:
            return {"background-color": text}
    return {"background-color": "transparent"}


def is_valid(name: str, value: str, *, needs_units: bool) -> bool:
    """Return True if a value is valid for a property or shorthand, so that it overrides other declarations."""
    expanded = expand(name, value)
    if expanded is None:
        return False
    return all(
        specified in WIDE_KEYWORDS
        or compute_value(longhand, specified, DEFAULT_CONTEXT, needs_units=needs_units) is not None
        for longhand, specified in expanded.items()
    )
