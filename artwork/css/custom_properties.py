"""Substitute var() by the custom properties of an element (CSS Custom Properties 1)."""

from collections.abc import Mapping
from typing import Any

from certbeam.artwork.css.tokens import parse_value, serialise

MAX_LENGTH = 10_000
"""Characters of a value after substitution, which could grow exponentially."""

_MAX_DEPTH = 32


def substitute(value: str, properties: Mapping[str, str]) -> str | None:
    """Replace each ``var()`` in a value.

    Args:
        value: the value.
        properties: the values of the element's custom properties, in which nothing is to be substituted.

    Returns:
        None if a custom property has no value and its ``var()`` no fallback, or if the result is too long.
    """
    if "var(" not in value.lower():
        return value
    result = _substitute(parse_value(value), properties, 0)
    return None if result is None or len(result) > MAX_LENGTH else result


def resolve_custom_properties(declared: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the values of an element's custom properties; those that refer to themselves are left out.

    Args:
        declared: the values that apply to the element.
        inherited: the resolved values of its parent.
    """
    resolved = {name: value for name, value in inherited.items() if name not in declared}
    pending: set[str] = set()

    def resolve(name: str) -> None:
        if name in resolved or name in pending or name not in declared:
            return
        pending.add(name)
        value = declared[name]
        for used in _find_used(value):
            resolve(used)
        word = value.strip().lower()
        if word in ("inherit", "unset", "revert", "revert-layer"):
            result = inherited.get(name)
        elif word == "initial" or (_find_used(value) & pending):
            result = None
        else:
            result = substitute(value, resolved)
        pending.discard(name)
        if result is not None:
            resolved[name] = result

    for name in list(declared)[:_MAX_PROPERTIES]:
        resolve(name)
    return resolved


_MAX_PROPERTIES = 500  # of one element; chains of them are resolved by recursion


def _find_used(value: str) -> set[str]:
    """Return the names of the custom properties that a value refers to."""
    used: set[str] = set()
    pending = list(parse_value(value)) if "var(" in value.lower() else []
    while pending:
        token = pending.pop()
        if token.type == "function":
            if token.lower_name == "var":
                used |= {argument.value for argument in token.arguments[:2] if argument.type == "ident"}
            pending.extend(token.arguments)
        elif token.type.endswith("block"):
            pending.extend(token.content)
    return used


def _substitute(tokens: Any, properties: Mapping[str, str], depth: int) -> str | None:
    if depth > _MAX_DEPTH:
        return None
    parts = []
    for token in tokens:
        if token.type == "function" and token.lower_name == "var":
            part = _look_up(token, properties, depth)
            # A comment keeps the value from joining the tokens around it, such as a name with a bracket.
            part = None if part is None else f"/**/{part}/**/"
        elif token.type == "function":
            content = _substitute(token.arguments, properties, depth + 1)
            part = None if content is None else f"{token.name}({content})"
        elif token.type == "() block":
            content = _substitute(token.content, properties, depth + 1)
            part = None if content is None else f"({content})"
        else:
            part = serialise([token]) if token.type != "whitespace" else " "
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _look_up(token: Any, properties: Mapping[str, str], depth: int) -> str | None:
    """Return the value of a ``var()``, or else its fallback."""
    arguments = list(token.arguments)
    while arguments and arguments[0].type == "whitespace":
        arguments.pop(0)
    if not arguments or arguments[0].type != "ident":
        return None
    name = arguments.pop(0).value
    if name in properties:
        return properties[name]
    comma = next((index for index, argument in enumerate(arguments) if argument == ","), None)
    return None if comma is None else _substitute(arguments[comma + 1 :], properties, depth + 1)
