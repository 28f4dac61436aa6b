"""Flatten style sheets to rules in the order of the cascade: @media, @supports, @layer and nesting are resolved."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cssselect2
import tinycss2

from certbeam.artwork.css.conditions import is_supported, matches_media
from certbeam.artwork.css.selectors import Selector, compile_selectors
from certbeam.artwork.css.shorthands import find_longhands, is_valid
from certbeam.artwork.css.tokens import (
    check_brackets,
    is_literal,
    serialise,
    split_at_commas,
    without_white_space,
)
from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

MAX_NESTING = 16
"""How deep rules may be nested."""

MAX_SELECTOR_LENGTH = 4000
"""Characters of a selector after nested ones are combined."""

_CONDITIONS = frozenset({"media", "supports"})
_SVG_ROOT = ":root"
_CACHED_STYLES = 4096


@dataclass(frozen=True)
class Declaration:
    """Declaration of a property that is valid, or that has variables.

    Attributes:
        name: the property or shorthand in lower case, or a custom property.
        value: its value as CSS.
        is_important: True for ``!important``.
        needs_units: True if lengths need a unit.
    """

    name: str
    value: str
    is_important: bool = False
    needs_units: bool = True


@dataclass(frozen=True)
class Rule:
    """Style rule.

    Attributes:
        selectors: its selectors.
        declarations: its declarations, in order.
        layer: the names of its layer and those around it; empty outside of all layers.
    """

    selectors: tuple[Selector, ...]
    declarations: tuple[Declaration, ...]
    layer: tuple[str, ...]


@dataclass
class StyleSheets:
    """Rules of all style sheets of a document.

    Attributes:
        page: width and height of the page in CSS pixels.
        rules: the rules that apply to the page, in order.
        layers: the names of the layers, in the order in which they are first named.
    """

    page: tuple[float, float]
    rules: list[Rule] = field(default_factory=list)
    layers: list[tuple[str, ...]] = field(default_factory=list)
    _namespaces: dict[str | None, str] = field(default_factory=dict)
    _anonymous_layers: int = 0
    _ranks: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, css: str) -> None:
        """Add a style sheet after those before it.

        Raises:
            TemplateError: ``template-too-complex``: it is nested too deeply.
        """
        self._namespaces = {}
        self._add_rules(
            tinycss2.parse_stylesheet(check_brackets(css), skip_comments=True, skip_whitespace=True),
            "",
            (),
            0,
        )

    def layer_rank(self, layer: tuple[str, ...]) -> int:
        """Return the position of a layer in the cascade: rules outside of all layers come last."""
        return self._ranks[layer]

    def finish(self) -> None:
        """Order the layers, after all style sheets are added; a layer comes after its own sub-layers."""
        order = {name: index for index, name in enumerate(self.layers)}

        def key(layer: tuple[str, ...]) -> tuple[int, ...]:
            prefixes = [layer[: length + 1] for length in range(len(layer))]
            return (*(order[prefix] for prefix in prefixes), len(self.layers) + 1)

        ordered = [*sorted(self.layers, key=key), ()]
        self._ranks = {layer: rank for rank, layer in enumerate(ordered)}

    def _add_rules(self, rules: Iterable[Any], parent: str, layer: tuple[str, ...], depth: int) -> None:
        """Add rules; ``parent`` is the selector of the rule around them, or empty."""
        if depth > MAX_NESTING:
            raise TemplateError(
                ErrorCode.TEMPLATE_TOO_COMPLEX,
                f"the CSS nests more than {MAX_NESTING} rules: write them one after the other",
            )
        declarations: list[Declaration] = []
        for rule in rules:
            if rule.type == "declaration":
                declarations.extend(parse_declaration(rule))
                continue
            self._add_rule(parent, declarations, layer)
            declarations = []
            if rule.type == "qualified-rule":
                selector = _combine_selectors(rule.prelude, parent)
                self._add_rules(_parse_block(rule.content), selector, layer, depth + 1)
            elif rule.type == "at-rule":
                self._add_at_rule(rule, parent, layer, depth)
        self._add_rule(parent, declarations, layer)

    def _add_at_rule(self, rule: Any, parent: str, layer: tuple[str, ...], depth: int) -> None:
        name = rule.lower_at_keyword
        if name == "namespace":
            self._add_namespace(rule)
        elif name == "layer":
            self._add_layers(rule, parent, layer, depth)
        elif name in _CONDITIONS and rule.content is not None:
            holds = matches_media(rule.prelude, self.page) if name == "media" else is_supported(rule.prelude)
            if holds:
                self._add_rules(_parse_block(rule.content), parent, layer, depth + 1)

    def _add_layers(self, rule: Any, parent: str, layer: tuple[str, ...], depth: int) -> None:
        names = [tuple(serialise(part).split(".")) for part in split_at_commas(rule.prelude) if part]
        if rule.content is None:
            for name in names:
                self._name_layer((*layer, *name))
            return
        if not names:
            self._anonymous_layers += 1
            names = [(f"\0{self._anonymous_layers}",)]
        name = (*layer, *names[0])
        self._name_layer(name)
        self._add_rules(_parse_block(rule.content), parent, name, depth + 1)

    def _name_layer(self, name: tuple[str, ...]) -> None:
        for length in range(1, len(name) + 1):
            if name[:length] not in self.layers:
                self.layers.append(name[:length])

    def _add_namespace(self, rule: Any) -> None:
        tokens = without_white_space(rule.prelude)
        prefix = tokens[0].value if len(tokens) == 2 and tokens[0].type == "ident" else None
        if tokens and tokens[-1].type in ("string", "url"):
            self._namespaces[prefix] = str(tokens[-1].value)

    def _add_rule(self, selector: str, declarations: list[Declaration], layer: tuple[str, ...]) -> None:
        if not declarations:
            return
        try:
            selectors = compile_selectors(selector or _SVG_ROOT, self._namespaces)
        except cssselect2.SelectorError:
            return  # as viewers do, https://www.w3.org/TR/selectors-4/#invalid
        self.rules.append(Rule(selectors, _keep_last(declarations), layer))


@lru_cache(_CACHED_STYLES)
def parse_style_attribute(css: str) -> tuple[Declaration, ...]:
    """Return the valid declarations of a ``style`` attribute, in order; lengths need no unit in Chromium."""
    items = tinycss2.parse_blocks_contents(check_brackets(css), skip_comments=True, skip_whitespace=True)
    declarations = [
        parse_declaration(item, needs_units=False) for item in items if item.type == "declaration"
    ]
    return _keep_last(itertools.chain.from_iterable(declarations))


def _keep_last(declarations: Iterable[Declaration]) -> tuple[Declaration, ...]:
    """Return the last declaration of each property, in order; those before it have no effect."""
    last: dict[tuple[str, bool], Declaration] = {}
    for declaration in declarations:
        key = (declaration.name, declaration.is_important)
        last.pop(key, None)
        last[key] = declaration
    return tuple(last.values())


def parse_declaration(item: Any, *, needs_units: bool = True) -> Iterator[Declaration]:
    """Yield the declaration of tinycss2, if it is valid and has an effect on SVG."""
    if item.name.startswith("--"):
        yield Declaration(item.name, serialise(item.value), item.important)
        return
    name, value = item.lower_name, serialise(item.value)
    if find_longhands(name) and (has_variables(value) or is_valid(name, value, needs_units=needs_units)):
        yield Declaration(name, value, item.important, needs_units)


def has_variables(value: str) -> bool:
    """Return True if a value contains ``var()``."""
    return "var(" in value.lower()


def _parse_block(content: Any) -> list[Any]:
    return list(tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True))


def _combine_selectors(prelude: Any, parent: str) -> str:
    """Return the selector of a nested rule, with ``&`` replaced by the rule around it (CSS Nesting 1)."""
    if not parent:
        return serialise(prelude).replace("&", _SVG_ROOT)
    outer = f":is({parent})"
    combined = []
    for part in _split_selectors(prelude):
        text = serialise(part)
        has_parent = "&" in text
        text = text.replace("&", outer)
        if not has_parent or text.startswith((">", "+", "~")):
            text = f"{outer} {text}"
        combined.append(text)
    selector = ", ".join(combined)
    if len(selector) > MAX_SELECTOR_LENGTH:
        raise TemplateError(
            ErrorCode.TEMPLATE_TOO_COMPLEX,
            f"a nested CSS selector is longer than {MAX_SELECTOR_LENGTH} characters: write it without nesting",
        )
    return selector


def _split_selectors(prelude: Any) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if is_literal(token, ","):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
