"""Evaluate the conditions of @media and @supports as Chromium does on a screen, in light mode."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cssselect2
import tinycss2

from certbeam.artwork.css.lengths import LengthContext, compute_length, compute_number
from certbeam.artwork.css.properties import PROPERTIES
from certbeam.artwork.css.selectors import compile_selectors
from certbeam.artwork.css.shorthands import find_longhands, is_valid
from certbeam.artwork.css.tokens import (
    Tokens,
    find_keyword,
    is_literal,
    serialise,
    split_at_commas,
    without_white_space,
)

_MEDIA_TYPES = {"all": True, "screen": True}
# Features with keywords, and the keywords that apply.
_FEATURES = {
    "any-hover": ("hover",),
    "any-pointer": ("fine",),
    "color-gamut": ("srgb",),
    "display-mode": ("browser",),
    "dynamic-range": ("standard",),
    "forced-colors": ("none",),
    "hover": ("hover",),
    "inverted-colors": ("none",),
    "overflow-block": ("scroll",),
    "overflow-inline": ("scroll",),
    "pointer": ("fine",),
    "prefers-color-scheme": ("light",),
    "prefers-contrast": ("no-preference",),
    "prefers-reduced-data": ("no-preference",),
    "prefers-reduced-motion": ("no-preference",),
    "prefers-reduced-transparency": ("no-preference",),
    "scan": ("progressive",),
    "scripting": ("enabled",),
    "update": ("fast",),
}
# Features that are true without a value.
_TRUE_FEATURES = frozenset(
    {"any-hover", "any-pointer", "color", "color-gamut", "display-mode", "height", "hover"}
)
_TRUE_FEATURES |= {"pointer", "prefers-color-scheme", "resolution", "scripting", "update", "width"}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda first, second: first < second,
    ">": lambda first, second: first > second,
    "=": lambda first, second: first == second,
    "<=": lambda first, second: first <= second,
    ">=": lambda first, second: first >= second,
}
_REVERSED = {"<": ">", ">": "<", "=": "=", "<=": ">=", ">=": "<="}
_MAX_DEPTH = 16

Evaluate = Callable[[Any], bool | None]
"""Function that evaluates a component value; None if it is unknown."""


def matches_media(prelude: Tokens, page: tuple[float, float]) -> bool:
    """Return True if one query of a media query list applies to a page.

    Args:
        prelude: the condition of an ``@media`` rule.
        page: width and height of the page in CSS pixels.
    """
    queries = split_at_commas(prelude)
    return queries == [[]] or any(_matches_query(query, page) for query in queries)


def _matches_query(query: list[Any], page: tuple[float, float]) -> bool:
    words = [token.lower_value if token.type == "ident" else "" for token in query]
    negates = words[:1] == ["not"] and len(words) > 1 and bool(words[1])
    if negates or words[:1] == ["only"]:
        query, words = query[1:], words[1:]
    matches: bool | None = True
    if words and words[0] and words[0] != "not":
        matches = _MEDIA_TYPES.get(words[0], False)
        query = query[2:] if words[1:2] == ["and"] else query[1:]
    if query:
        condition = _evaluate(query, lambda token: _evaluate_feature(token, page), 0)
        matches = bool(matches) and condition is True
    return not matches if negates else bool(matches)


def _evaluate(tokens: list[Any], leaf: Evaluate, depth: int) -> bool | None:
    """Evaluate a condition with ``not``, ``and``, ``or`` and parentheses; None if it is unknown."""
    tokens = without_white_space(tokens)
    if not tokens or depth > _MAX_DEPTH:
        return None
    if tokens[0].type == "ident" and tokens[0].lower_value == "not":
        result = _evaluate(tokens[1:], leaf, depth + 1)
        return None if result is None else not result
    results = [_evaluate_operand(token, leaf, depth) for token in tokens[::2]]
    operators = {token.lower_value if token.type == "ident" else "" for token in tokens[1::2]}
    if len(tokens) % 2 == 0 or len(operators) > 1 or not operators <= {"and", "or"}:
        return None
    if operators == {"or"}:
        return True if True in results else None if None in results else False
    return False if False in results else None if None in results else True


def _evaluate_operand(token: Any, leaf: Evaluate, depth: int) -> bool | None:
    result = leaf(token)
    if result is not None or token.type != "() block":
        return result
    return _evaluate(token.content, leaf, depth + 1)


def _evaluate_feature(token: Any, page: tuple[float, float]) -> bool | None:
    """Evaluate a media feature in parentheses."""
    if token.type != "() block":
        return None
    content = _join_comparisons(without_white_space(token.content))
    if any(part in ("<", ">", "=", "<=", ">=") for part in content):
        return _evaluate_range(content, page)
    name = content[0].lower_value if content and content[0].type == "ident" else ""
    if len(content) == 1 and name:
        return name in _TRUE_FEATURES if name in _FEATURES or _measure(name, page) is not None else None
    if len(content) < 3 or content[1] != ":":
        return None
    return _compare_feature(name, content[2:], page)


def _compare_feature(name: str, value: list[Any], page: tuple[float, float]) -> bool | None:
    if name in _FEATURES:
        return find_keyword(value) in _FEATURES[name]
    if name == "orientation":
        return find_keyword(value) == ("landscape" if page[0] > page[1] else "portrait")
    name = name.removeprefix("-webkit-")
    feature = name.removeprefix("min-").removeprefix("max-")
    comparison = "=" if feature == name else ">=" if name.startswith("min-") else "<="
    actual, expected = _measure(feature, page), _parse_measure(value, page)
    if actual is None or expected is None:
        return None
    return _COMPARISONS[comparison](actual, expected)


def _measure(name: str, page: tuple[float, float]) -> float | None:
    """Return the value of a feature that is a number."""
    width, height = page
    return {
        "width": width,
        "height": height,
        "device-width": width,
        "device-height": height,
        "aspect-ratio": width / height,
        "device-aspect-ratio": width / height,
        "resolution": 1.0,
        "device-pixel-ratio": 1.0,
        "color": 8.0,
        "color-index": 0.0,
        "monochrome": 0.0,
        "grid": 0.0,
    }.get(name)


def _parse_measure(value: list[Any], page: tuple[float, float]) -> float | None:
    if len(value) == 3 and value[1] == "/":
        first, second = compute_number(value[:1]), compute_number(value[2:])
        return first / second if first is not None and second else None
    if (
        len(value) == 1
        and value[0].type == "dimension"
        and value[0].lower_unit in ("dppx", "x", "dpi", "dpcm")
    ):
        per_pixel = {"dpi": 1 / 96, "dpcm": 2.54 / 96}.get(value[0].lower_unit, 1.0)
        return float(value[0].value) * per_pixel
    return compute_length(value, LengthContext(page=page), None)


def _join_comparisons(tokens: list[Any]) -> list[Any]:
    """Replace ``<`` and ``>`` by ``<=`` and ``>=`` if ``=`` follows, as tinycss2 has a literal for each character."""
    joined: list[Any] = []
    for token in tokens:
        if is_literal(token, "=") and joined and joined[-1] in ("<", ">"):
            literal = joined.pop()
            token = tinycss2.ast.LiteralToken(literal.source_line, literal.source_column, f"{literal.value}=")
        joined.append(token)
    return joined


def _evaluate_range(content: list[Any], page: tuple[float, float]) -> bool | None:
    """Evaluate ``width >= 600px`` or ``400px <= width <= 700px``."""
    operators = [index for index, token in enumerate(content) if token in tuple(_COMPARISONS)]
    bounds = [-1, *operators, len(content)]
    parts = [content[start + 1 : end] for start, end in pairwise(bounds)]
    names = [find_keyword(part) for part in parts]
    position = next((index for index, name in enumerate(names) if _measure(name, page) is not None), None)
    if position is None or len(parts) > 3 or (len(parts) == 3 and position != 1):
        return None
    actual = _measure(names[position], page) or 0.0
    for index, operator in enumerate(operators):
        left_is_feature = index == position
        expected = _parse_measure(parts[index + 1] if left_is_feature else parts[index], page)
        comparison = content[operator].value if left_is_feature else _REVERSED[content[operator].value]
        if expected is None:
            return None
        if not _COMPARISONS[comparison](actual, expected):
            return False
    return True


def is_supported(prelude: Tokens) -> bool:
    """Return True if the condition of an ``@supports`` rule holds."""
    return _evaluate(list(prelude), _evaluate_support, 0) is True


def _evaluate_support(token: Any) -> bool | None:
    """Evaluate ``(property: value)`` or ``selector(…)``."""
    if token.type == "function":
        return token.lower_name == "selector" and _is_selector(token.arguments)
    if token.type != "() block":
        return False
    declaration = tinycss2.parse_one_declaration(token.content, skip_comments=True)
    if declaration.type != "declaration":
        return None
    name, value = declaration.lower_name, serialise(declaration.value)
    if name.startswith("--"):
        return True
    if find_longhands(name) and name in PROPERTIES:
        return is_valid(name, value, needs_units=True)
    # Properties that do not apply to SVG, such as those of grids, are supported by browsers.
    return bool(value) and not name.startswith(("-moz-", "-ms-", "-o-", "-khtml-"))


def _is_selector(arguments: Tokens) -> bool:
    try:
        compile_selectors(serialise(arguments), {})
    except cssselect2.SelectorError:
        return False
    return True
