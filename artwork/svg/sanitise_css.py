"""Remove everything from a template's CSS that refers to an external resource."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import tinycss2

from certbeam.artwork.css.tokens import check_brackets
from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

Report = Callable[[str], None]
"""Function that is called with a description of each removed part."""

# CSS without any of these needs no parsing, as it cannot refer to a resource.
_SUSPICIOUS = re.compile(r"[\\@]|/\*|url|src|image|element|expression|cross-fade", re.IGNORECASE)
_LOCAL_URL = re.compile(r"#|data:(?:image|font)/|data:application/(?:x-)?font", re.IGNORECASE)
_FETCHING_FUNCTIONS = frozenset(
    {"src", "image", "image-set", "-webkit-image-set", "cross-fade", "element", "expression"}
)
_BLOCK_RULES = frozenset({"font-face", "layer", "media", "supports"})
_MAX_NESTING = 16


def sanitise_style_sheet(css: str, report: Report) -> str:
    """Return a style sheet without the rules and declarations that refer to an external resource."""
    return _sanitise_items(tinycss2.parse_stylesheet(check_brackets(css), skip_comments=True), report)


def sanitise_declarations(css: str, report: Report) -> str:
    """Return the content of a ``style`` attribute without the declarations that refer to an external resource."""
    if not _SUSPICIOUS.search(css):
        return css
    items = _parse_block(check_brackets(css))
    declarations = (item for item in items if item.type == "declaration")
    return "".join(_sanitise_declaration(item, report) for item in declarations).removesuffix(";")


def is_self_contained(css_value: str) -> bool:
    """Return True if each ``url()`` of a property's value is a ``#fragment`` or a ``data:`` URI."""
    return not _SUSPICIOUS.search(css_value) or _are_self_contained(
        tinycss2.parse_component_value_list(check_brackets(css_value))
    )


def _sanitise_items(items: Iterable[Any], report: Report, depth: int = 0) -> str:
    """Return declarations and rules, also nested ones, without external references."""
    if depth > _MAX_NESTING:
        raise TemplateError(
            ErrorCode.TEMPLATE_TOO_COMPLEX,
            f"the CSS nests more than {_MAX_NESTING} rules: write them one after the other",
        )
    kept = []
    for item in items:
        if item.type == "declaration":
            kept.append(_sanitise_declaration(item, report))
        elif item.type == "qualified-rule":
            content = _sanitise_items(_parse_block(item.content), report, depth + 1)
            kept.append(f"{tinycss2.serialize(item.prelude)}{{{content}}}")
        elif item.type == "at-rule":
            kept.append(_sanitise_at_rule(item, report, depth))
        elif item.type == "whitespace":
            kept.append(item.value)
    return "".join(kept).removesuffix(";") if depth else "".join(kept)


def _sanitise_at_rule(rule: Any, report: Report, depth: int) -> str:
    name = rule.lower_at_keyword
    condition = tinycss2.serialize(rule.prelude)
    if name in _BLOCK_RULES and rule.content is not None:
        content = _sanitise_items(_parse_block(rule.content), report, depth + 1)
        return f"@{name}{condition}{{{content}}}"
    if name == "layer" and rule.content is None:
        return f"@layer{condition};"
    if name != "charset":
        description = f"@{rule.at_keyword} {' '.join(condition.split())}"[:60].strip()
        report(f"the CSS rule {description}, which is not supported")
    return ""


def _sanitise_declaration(declaration: Any, report: Report) -> str:
    if _are_self_contained(declaration.value):
        return f"{declaration.serialize()};"
    report(f"the CSS property {declaration.name}, which refers to an external resource")
    return ""


def _parse_block(content: Any) -> list[Any]:
    return list(tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True))


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
