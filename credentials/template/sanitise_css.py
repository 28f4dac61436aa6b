"""What CSS in a template may hold: everything but a way to something outside of the template."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import tinycss2

Report = Callable[[str], None]

_SUSPICIOUS = re.compile(r"[\\@]|/\*|url|src|image|element|expression|cross-fade", re.IGNORECASE)
_LOCAL_URL = re.compile(r"#|data:(?:image|font)/|data:application/(?:x-)?font", re.IGNORECASE)
_FETCHING = frozenset(
    {"src", "image", "image-set", "-webkit-image-set", "cross-fade", "element", "expression"}
)
_SCREENS = frozenset({"", "all", "screen", "only screen"})


def clean_style_sheet(css: str, report: Report) -> str:
    """The rules of a style sheet that reach nothing outside; ``report`` is told of each one left out."""
    return _clean_rules(tinycss2.parse_stylesheet(css, skip_comments=True), report)


def clean_declarations(css: str, report: Report) -> str:
    """The declarations of a ``style`` attribute that reach nothing outside."""
    return _clean_block(css, report) if _SUSPICIOUS.search(css) else css


def is_local(css_value: str) -> bool:
    """Whether a property's value names nothing outside: no ``url()`` but to a ``#fragment`` or ``data:``."""
    return not _SUSPICIOUS.search(css_value) or _all_local(tinycss2.parse_component_value_list(css_value))


def _clean_rules(rules: Iterable[Any], report: Report) -> str:
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            kept.append(f"{tinycss2.serialize(rule.prelude)}{{{_clean_block(rule.content, report)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword == "font-face" and rule.content is not None:
            kept.append(f"@font-face{{{_clean_block(rule.content, report)}}}")
        elif _is_for_screens(rule):
            kept.append(_clean_rules(tinycss2.parse_rule_list(rule.content, skip_comments=True), report))
        elif rule.type == "at-rule" and rule.lower_at_keyword != "charset":
            condition = " ".join(tinycss2.serialize(rule.prelude).split())
            report(f"the CSS rule @{rule.at_keyword} {condition}"[:60].strip())
        elif rule.type == "whitespace":
            kept.append(rule.value)
    return "".join(kept)


def _is_for_screens(rule: Any) -> bool:
    """Whether a rule is an ``@media`` whose rules always hold: a certificate looks the same everywhere."""
    if rule.type != "at-rule" or rule.lower_at_keyword != "media" or rule.content is None:
        return False
    return " ".join(tinycss2.serialize(rule.prelude).lower().split()) in _SCREENS


def _clean_block(css: Any, report: Report) -> str:
    kept = []
    for declaration in tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True):
        if declaration.type == "declaration" and _all_local(declaration.value):
            kept.append(declaration.serialize())
        elif declaration.type == "declaration":
            report(f"the CSS property {declaration.name}, which reaches outside")
    return ";".join(kept)


def _all_local(values: Iterable[Any]) -> bool:
    return all(_is_local_value(value) for value in values)


def _is_local_value(value: Any) -> bool:
    if value.type == "url":
        return bool(_LOCAL_URL.match(value.value.strip()))
    if value.type == "function":
        if value.lower_name == "url":
            strings = [argument.value for argument in value.arguments if argument.type == "string"]
            return len(strings) == 1 and bool(_LOCAL_URL.match(strings[0].strip()))
        return str(value.lower_name) not in _FETCHING and _all_local(value.arguments)
    if value.type in ("() block", "[] block", "{} block"):
        return _all_local(value.content)
    return str(value.type) != "error"
