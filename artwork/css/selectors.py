"""Match selectors against all elements of a document, in a time that their combinators do not multiply."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cssselect2
import cssselect2.compiler
import cssselect2.parser
from lxml import etree

from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

MAX_COMPARISONS = 300_000
"""Estimated comparisons of selectors with elements in one template."""

Test = Callable[[Any], bool]
"""Function that compares an element, as cssselect2 wraps it, with a compound selector."""

# Compound selectors with these look at all siblings or descendants of an element.
_SIBLING_TESTS = (":first-of-type", ":last-of-type", ":only-of-type", ":nth-of-type", ":nth-last", " of ")
_DESCENDANT_TESTS = (":has(",)
_SPACES = re.compile(r"\s*([\s,>+~(])\s*")
_MAX_EXPONENT = 6


@dataclass(frozen=True)
class Selector:
    """Complex selector.

    Attributes:
        source: the list of selectors that it is part of, as CSS.
        tests: the tests of its compound selectors, from the last one to the first.
        combinators: the combinator before each of these but the first, in the same order.
        specificity: its specificity.
        index: the id, class or name that a matching element has; empty if it need not have any.
    """

    source: str
    tests: tuple[Test, ...]
    combinators: tuple[str, ...]
    specificity: tuple[int, int, int]
    index: tuple[str, str]


def compile_selectors(source: str, namespaces: Mapping[str | None, str]) -> tuple[Selector, ...]:
    """Compile a list of selectors; those of pseudo-elements, which SVG has none of, are left out.

    Raises:
        SelectorError: a selector is invalid or not supported.
    """
    try:
        parsed = list(cssselect2.parser.parse(source, namespaces))
        return tuple(_compile(selector, source) for selector in parsed if selector.pseudo_element is None)
    except (NotImplementedError, RecursionError, MemoryError, SyntaxError) as error:
        raise cssselect2.SelectorError(source, str(error)) from error


def _compile(parsed: Any, source: str) -> Selector:
    compounds: list[Any] = []
    combinators: list[str] = []
    node = parsed.parsed_tree
    while isinstance(node, cssselect2.parser.CombinedSelector):
        compounds.append(node.right)
        combinators.append(node.combinator)
        node = node.left
    compounds.append(node)
    compiled = [
        cssselect2.compiler.CompiledSelector(cssselect2.parser.Selector(compound)) for compound in compounds
    ]
    last = compiled[0]
    keys = (("id", last.id), ("class", last.class_name), ("name", last.local_name))
    index = next(((kind, str(key)) for kind, key in keys if key is not None), ("", ""))
    tests = tuple(compound.test for compound in compiled)
    return Selector(source, tests, tuple(combinators), parsed.specificity, index)


class Matcher:
    """Elements of one document, indexed for selectors."""

    def __init__(self, root: etree._Element) -> None:
        wrapper = cssselect2.ElementWrapper.from_xml_root(root)
        self._elements: list[Any] = list(wrapper.iter_subtree())
        self._index: dict[tuple[str, str], list[Any]] = defaultdict(list)
        self._siblings = 1
        for element in self._elements:
            self._siblings = max(self._siblings, len(element.etree_element))
            self._index["name", element.local_name].append(element)
            if element.id is not None:
                self._index["id", element.id].append(element)
            for name in set(element.classes):
                self._index["class", name].append(element)
        self._depth = max((len(element.ancestors) for element in self._elements), default=0) + 1
        self._budget = _Budget(MAX_COMPARISONS)

    def match(self, selector: Selector) -> list[etree._Element]:
        """Return the elements that a selector matches.

        Raises:
            TemplateError: ``template-too-complex``: all selectors so far take too many comparisons.
        """
        elements = self._elements if not selector.index[0] else self._index.get(selector.index, [])
        search = _Search(selector, self._budget, self._estimate_cost(selector.source))
        return [element.etree_element for element in elements if search.matches(element, 0)]

    def _estimate_cost(self, source: str) -> int:
        """Return how many elements one comparison can look at: cssselect2 tries all combinations in brackets."""
        if "(" not in source and "of-type" not in source:
            return 1
        cost = 1
        if any(part in source for part in _DESCENDANT_TESTS):
            cost *= len(self._elements)
        if any(part in source for part in _SIBLING_TESTS):
            cost *= self._siblings
        descendants, siblings = _count_nested_combinators(source)
        cost *= int(self._depth**descendants * self._siblings**siblings)
        return min(cost, MAX_COMPARISONS + 1)


def _count_nested_combinators(source: str) -> tuple[int, int]:
    """Return the numbers of the combinators in brackets that search ancestors, and previous siblings."""
    depth = descendants = siblings = 0
    for character in _SPACES.sub(r"\1", source.strip()):
        depth += (character == "(") - (character == ")")
        descendants += depth > 0 and character == " "
        siblings += depth > 0 and character == "~"
    return min(descendants, _MAX_EXPONENT), min(siblings, _MAX_EXPONENT)


@dataclass
class _Budget:
    """Comparisons that are left for all selectors of one document."""

    left: int

    def spend(self, cost: int) -> None:
        """Take the cost of one comparison.

        Raises:
            TemplateError: ``template-too-complex``: nothing is left.
        """
        self.left -= cost
        if self.left < 0:
            raise TemplateError(
                ErrorCode.TEMPLATE_TOO_COMPLEX,
                "the template has too many CSS rules for its number of elements: use classes, and fewer rules",
            )


class _Search:
    """Search for the elements that one selector matches; each combination is tried once."""

    def __init__(self, selector: Selector, budget: _Budget, cost: int) -> None:
        self._selector = selector
        self._budget = budget
        self._cost = cost
        self._matches: dict[tuple[int, Any], bool] = {}
        self._relatives: dict[tuple[int, Any], bool] = {}

    def matches(self, element: Any, position: int) -> bool:
        """Return True if an element matches the compound selectors from a position on."""
        key = (position, element.etree_element)
        if key not in self._matches:
            self._budget.spend(self._cost)
            self._matches[key] = bool(self._selector.tests[position](element)) and self._matches_left(
                element, position
            )
        return self._matches[key]

    def _matches_left(self, element: Any, position: int) -> bool:
        if position == len(self._selector.combinators):
            return True
        match self._selector.combinators[position]:
            case ">":
                return element.parent is not None and self.matches(element.parent, position + 1)
            case "+":
                return element.previous is not None and self.matches(element.previous, position + 1)
            case "~":
                return self._any_matches(element, position + 1, lambda other: other.previous)
        return self._any_matches(element, position + 1, lambda other: other.parent)

    def _any_matches(self, element: Any, position: int, find_next: Callable[[Any], Any]) -> bool:
        """Return True if one of the ancestors or previous siblings matches; each is visited once."""
        visited: list[tuple[int, Any]] = []
        result = False
        other = find_next(element)
        while other is not None:
            key = (position, other.etree_element)
            if key in self._relatives:
                result = self._relatives[key]
                break
            visited.append(key)
            if self.matches(other, position):
                result = True
                break
            other = find_next(other)
        self._relatives.update(dict.fromkeys(visited, result))
        return result


def match_rules(
    root: etree._Element, rules: Iterable[tuple[Sequence[Selector], Any]]
) -> dict[etree._Element, list[tuple[tuple[int, int, int], int, Any]]]:
    """Return the rules that apply to each element, with the specificity and the order of each.

    Args:
        root: the root element.
        rules: the selectors of each rule, with the rule.
    """
    matcher = Matcher(root)
    matches: dict[etree._Element, list[tuple[tuple[int, int, int], int, Any]]] = defaultdict(list)
    for order, (selectors, rule) in enumerate(rules):
        for selector in selectors:
            for element in matcher.match(selector):
                matches[element].append((selector.specificity, order, rule))
    return matches
