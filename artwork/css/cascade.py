"""Find the declarations that apply to each element of a document, in the order of the cascade."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from certbeam.artwork.css.properties import GEOMETRY, GEOMETRY_PROPERTIES, PROPERTIES
from certbeam.artwork.css.selectors import match_rules
from certbeam.artwork.css.shorthands import is_valid
from certbeam.artwork.css.style_sheet import (
    Declaration,
    StyleSheets,
    has_variables,
    parse_style_attribute,
)
from certbeam.artwork.svg.tree import SVG

_SVG_STYLE = f"{{{SVG}}}style"
_CSS_TYPES = ("", "text/css")
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
        self._valid: dict[tuple[str, str], bool] = {}
        rules = [(rule.selectors, rule) for rule in self._sheets.rules]
        self._matches = match_rules(root, rules) if rules else {}

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
        for specificity, order, rule in self._matches.get(element, ()):
            rank = self._sheets.layer_rank(rule.layer)
            for number, declaration in enumerate(rule.declarations):
                important = declaration.is_important
                key = (important, False, -rank if important else rank, (*specificity, order), number)
                candidates.append(Candidate(key, rank, declaration))
        style = str(element.get("style", ""))
        for number, declaration in enumerate(parse_style_attribute(style)):
            style_key: _Key = (declaration.is_important, True, 0, (), number)
            candidates.append(Candidate(style_key, 1 << 30, declaration))
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
