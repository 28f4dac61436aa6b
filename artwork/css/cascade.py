"""Find the declarations that apply to each element of a document, in the order of the cascade."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cssselect2
from lxml import etree

from certbeam.artwork.css.properties import GEOMETRY, GEOMETRY_PROPERTIES, PROPERTIES
from certbeam.artwork.css.shorthands import is_valid
from certbeam.artwork.css.style_sheet import (
    Declaration,
    Rule,
    StyleSheets,
    has_variables,
    parse_style_attribute,
)
from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.tree import SVG
from certbeam.foundation.error_codes import ErrorCode

MAX_MATCHES = 20_000_000
"""Estimated comparisons of selectors with elements in one template."""

_SVG_STYLE = f"{{{SVG}}}style"
_CSS_TYPES = ("", "text/css")
# Selectors that look at the siblings or descendants of an element.
_EXPENSIVE = ("of-type", "nth-last", " of ", "~")
# Attributes that set no property, and those whose grammar is not CSS: Chromium and certbeam parse them elsewhere.
_NO_PRESENTATION_ATTRIBUTES = frozenset(
    {"background-color", "d", "rotate", "scale", "transform", "translate"}
)

_Key = tuple[bool, bool, int, tuple[int, ...], int]


@dataclass(frozen=True)
class Candidate:
    """Declaration that applies to an element, with its place in the cascade.

    Attributes:
        key: the declaration with the greatest key applies.
        layer: the rank of its layer; -1 for presentation attributes.
        declaration: the declaration.
    """

    key: _Key
    layer: int
    declaration: Declaration


class Cascade:
    """Declarations of the style sheets, ``style`` attributes and presentation attributes of a document."""

    def __init__(self, root: etree._Element, page: tuple[float, float]) -> None:
        """Read the style sheets of a document.

        Raises:
            TemplateError: ``template-too-complex``: comparing the selectors with the elements would take too long.
        """
        self._sheets = StyleSheets(page)
        for sheet in root.iter(_SVG_STYLE):
            self._add_sheet(sheet)
        self._sheets.finish()
        self._matcher = cssselect2.Matcher()
        self._wrappers: dict[etree._Element, Any] = {}
        self._valid: dict[tuple[str, str], bool] = {}
        if self._sheets.rules:
            _check_complexity(root, self._sheets.rules)
            wrapper = cssselect2.ElementWrapper.from_xml_root(root)
            self._wrappers = {element.etree_element: element for element in wrapper.iter_subtree()}
            for rule in self._sheets.rules:
                for selector in rule.selectors:
                    self._matcher.add_selector(selector, rule)

    def _add_sheet(self, sheet: etree._Element) -> None:
        media = str(sheet.get("media", ""))
        css = sheet.text or ""
        if str(sheet.get("type", "")).strip().lower() not in _CSS_TYPES:
            return
        self._sheets.add(f"@media {media}{{{css}}}" if media.strip() else css)

    def find_candidates(self, element: etree._Element) -> list[Candidate]:
        """Return the declarations that apply to an element; the last one of each property takes precedence."""
        candidates = [
            Candidate((False, False, -1, (), order), -1, declaration)
            for order, declaration in enumerate(self._read_attributes(element))
        ]
        wrapper = self._wrappers.get(element)
        matches = self._matcher.match(wrapper) if wrapper is not None else ()
        for specificity, order, _, rule in matches:
            rank = self._sheets.layer_rank(rule.layer)
            for number, declaration in enumerate(rule.declarations):
                important = declaration.is_important
                key = (important, False, -rank if important else rank, (*specificity, order), number)
                candidates.append(Candidate(key, rank, declaration))
        style = str(element.get("style", ""))
        for number, declaration in enumerate(parse_style_attribute(style)):
            key = (declaration.is_important, True, 0, (), number)
            candidates.append(Candidate(key, 1 << 30, declaration))
        return sorted(candidates, key=lambda candidate: candidate.key)

    def _read_attributes(self, element: etree._Element) -> Iterable[Declaration]:
        """Yield the presentation attributes of an element that are valid."""
        name = etree.QName(element).localname
        for attribute, value in element.items():
            if is_presentation_attribute(name, str(attribute)):
                key = (str(attribute), str(value))
                if key not in self._valid:
                    self._valid[key] = has_variables(key[1]) or is_valid(*key, needs_units=False)
                if self._valid[key]:
                    yield Declaration(*key, needs_units=False)


def is_presentation_attribute(element_name: str, attribute: str) -> bool:
    """Return True if an attribute of an element sets the property of the same name (SVG 2, 6.6)."""
    if attribute not in PROPERTIES or attribute in _NO_PRESENTATION_ATTRIBUTES:
        return False
    if attribute in GEOMETRY_PROPERTIES:
        return attribute in GEOMETRY.get(element_name, frozenset())
    return True


def _check_complexity(root: etree._Element, rules: Iterable[Rule]) -> None:
    """Check that comparing all selectors with the elements that they could match takes a bounded time."""
    elements = list(root.iter(etree.Element))
    names: Counter[str] = Counter(str(etree.QName(element).localname).lower() for element in elements)
    classes: Counter[str] = Counter(
        name for element in elements for name in str(element.get("class", "")).split()
    )
    siblings = max(map(len, elements), default=1)
    costs = 0
    for rule in rules:
        cost = _estimate_cost(rule.source, siblings, len(elements))
        for selector in rule.selectors:
            costs += cost * _count_candidates(selector, names, classes, len(elements))
    if costs > MAX_MATCHES:
        raise TemplateError(
            ErrorCode.TEMPLATE_TOO_COMPLEX,
            "the template has too many CSS rules for its number of elements: use classes, and fewer rules",
        )


def _count_candidates(
    selector: Any, names: Mapping[str, int], classes: Mapping[str, int], all_elements: int
) -> int:
    """Return the number of elements that cssselect2 compares with a selector, by its index."""
    if selector.id is not None:
        return 1
    if selector.class_name is not None:
        return classes.get(selector.class_name, 0)
    if selector.local_name is not None:
        return names.get(selector.lower_local_name, 0)
    return all_elements


def _estimate_cost(source: str, siblings: int, elements: int) -> int:
    if ":has(" in source:
        return elements
    return siblings if any(part in source for part in _EXPENSIVE) else 1 + source.count(" ")
