"""Remove everything from a template's CSS that refers to an external resource."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import tinycss2

Report = Callable[[str], None]
"""Function that is called with a description of each removed part."""

# CSS without any of these needs no parsing, as it cannot refer to a resource.
_SUSPICIOUS = re.compile(r"[\\@]|/\*|url|src|image|element|expression|cross-fade", re.IGNORECASE)
_LOCAL_URL = re.compile(r"#|data:(?:image|font)/|data:application/(?:x-)?font", re.IGNORECASE)
_FETCHING_FUNCTIONS = frozenset(
    {"src", "image", "image-set", "-webkit-image-set", "cross-fade", "element", "expression"}
)
_ALWAYS_TRUE_MEDIA = frozenset({"", "all", "screen", "only screen"})


def sanitise_style_sheet(css: str, report: Report) -> str:
    """Return a style sheet without the rules and declarations that refer to an external resource."""
    return _sanitise_rules(tinycss2.parse_stylesheet(css, skip_comments=True), report)


def sanitise_declarations(css: str, report: Report) -> str:
    """Return the content of a ``style`` attribute without the declarations that refer to an external resource."""
    return _sanitise_block(css, report) if _SUSPICIOUS.search(css) else css


def is_self_contained(css_value: str) -> bool:
    """Return True if each ``url()`` of a property's value is a ``#fragment`` or a ``data:`` URI."""
    return not _SUSPICIOUS.search(css_value) or _are_self_contained(
        tinycss2.parse_component_value_list(css_value)
    )


def _sanitise_rules(rules: Iterable[Any], report: Report) -> str:
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            kept.append(f"{tinycss2.serialize(rule.prelude)}{{{_sanitise_block(rule.content, report)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword == "font-face" and rule.content is not None:
            kept.append(f"@font-face{{{_sanitise_block(rule.content, report)}}}")
        elif _is_unconditional_media(rule):
            kept.append(_sanitise_rules(tinycss2.parse_rule_list(rule.content, skip_comments=True), report))
        elif rule.type == "at-rule" and rule.lower_at_keyword != "charset":
            condition = " ".join(tinycss2.serialize(rule.prelude).split())
            name = f"@{rule.at_keyword} {condition}"[:60].strip()
            report(f"the CSS rule {name}, which is not supported")
        elif rule.type == "whitespace":
            kept.append(rule.value)
    return "".join(kept)


def _is_unconditional_media(rule: Any) -> bool:
    """Return True for an ``@media`` rule that applies on every screen, as a certificate looks the same on all."""
    if rule.type != "at-rule" or rule.lower_at_keyword != "media" or rule.content is None:
        return False
    return " ".join(tinycss2.serialize(rule.prelude).lower().split()) in _ALWAYS_TRUE_MEDIA


def _sanitise_block(css: Any, report: Report) -> str:
    kept = []
    for declaration in tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True):
        if declaration.type == "declaration" and _are_self_contained(declaration.value):
            kept.append(declaration.serialize())
        elif declaration.type == "declaration":
            report(f"the CSS property {declaration.name}, which refers to an external resource")
    return ";".join(kept)


def _are_self_contained(component_values: Iterable[Any]) -> bool:
    return all(_is_self_contained_value(value) for value in component_values)


def _is_self_contained_value(value: Any) -> bool:
    if value.type == "url":
        return bool(_LOCAL_URL.match(value.value.strip()))
    if value.type == "function":
        if value.lower_name == "url":
            strings = [argument.value for argument in value.arguments if argument.type == "string"]
            return len(strings) == 1 and bool(_LOCAL_URL.match(strings[0].strip()))
        return str(value.lower_name) not in _FETCHING_FUNCTIONS and _are_self_contained(value.arguments)
    if value.type in ("() block", "[] block", "{} block"):
        return _are_self_contained(value.content)
    return str(value.type) != "error"
