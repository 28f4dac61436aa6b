"""Parse values of CSS properties to component values, and format numbers."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import tinycss2

from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

MAX_BRACKETS = 64
"""How deep brackets may be nested in CSS."""

_OPENING, _CLOSING = "([{", ")]}"
_CACHED_VALUES = 4096

# A marker of a placeholder, see certbeam.artwork.template.markers.
_MARKER = re.compile(r"mark[0-9a-f]{32}n\d+e")

Tokens = Sequence[Any]
"""Component values of tinycss2."""


def check_brackets(css: str) -> str:
    """Check that brackets are not nested too deeply for a recursive parser, and return the CSS.

    Raises:
        TemplateError: ``template-too-complex``.
    """
    depth = 0
    if css.count("(") + css.count("[") + css.count("{") <= MAX_BRACKETS:
        return css
    for character in css:
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        if depth > MAX_BRACKETS:
            raise TemplateError(
                ErrorCode.TEMPLATE_TOO_COMPLEX,
                f"the CSS nests more than {MAX_BRACKETS} brackets: simplify it",
            )
    return css


@lru_cache(_CACHED_VALUES)
def parse_value(value: str) -> tuple[Any, ...]:
    """Return the component values of a property's value, without comments and without white space at its ends."""
    tokens = tinycss2.parse_component_value_list(check_brackets(value), skip_comments=True)
    start, end = 0, len(tokens)
    while start < end and tokens[start].type == "whitespace":
        start += 1
    while end > start and tokens[end - 1].type == "whitespace":
        end -= 1
    return tuple(tokens[start:end])


def serialise(tokens: Iterable[Any]) -> str:
    """Return component values as CSS."""
    return str(tinycss2.serialize(list(tokens))).strip()


def is_literal(token: Any, character: str) -> bool:
    """Return True if a component value is a certain delimiter, such as a comma."""
    return bool(token.type == "literal" and token.value == character)


def without_white_space(tokens: Iterable[Any]) -> list[Any]:
    """Return component values without white space and comments."""
    return [token for token in tokens if token.type not in ("whitespace", "comment")]


def split_at_commas(tokens: Iterable[Any]) -> list[list[Any]]:
    """Split component values at their commas, and remove white space."""
    parts: list[list[Any]] = [[]]
    for token in without_white_space(tokens):
        if is_literal(token, ","):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def find_keyword(tokens: Tokens) -> str:
    """Return the keyword in lower case if a value consists of a single keyword, else an empty string."""
    return str(tokens[0].lower_value) if len(tokens) == 1 and tokens[0].type == "ident" else ""


def find_url(token: Any) -> str | None:
    """Return the URL of a ``url()``; None for another component value."""
    if token.type == "url":
        return str(token.value).strip()
    if token.type == "function" and token.lower_name == "url":
        strings = [argument.value for argument in token.arguments if argument.type == "string"]
        return str(strings[0]).strip() if len(strings) == 1 else None
    return None


def format_number(number: float) -> str:
    """Return a number with up to nine significant digits."""
    return f"{number + 0.0:.9g}" if abs(number) >= 1e-9 else "0"


def has_marker(value: str) -> bool:
    """Return True if a value contains the marker of a placeholder: its value is known when it is filled."""
    return "mark" in value and _MARKER.search(value) is not None
