"""What a template's elements refer to, and how much there is to draw when every reference is followed."""

import re
from graphlib import CycleError, TopologicalSorter

from lxml import etree

from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.tree import HREFS

MAX_DRAWN_ELEMENTS = 1_000_000
_URL = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")


def check_references(root: etree._Element) -> None:
    """Refuse what would take for ever to draw: elements that use one another in a circle, or thousandfold.

    Raises:
        TemplateError: ``template-circular`` or ``template-too-complex``.
    """
    by_id = {str(element.get("id")): element for element in root.iter(etree.Element)}
    parts = {element: [*element, *references(element, by_id)] for element in root.iter(etree.Element)}
    drawn: dict[etree._Element, int] = {}
    try:
        for element in TopologicalSorter(parts).static_order():
            drawn[element] = 1 + sum(drawn[part] for part in parts[element])
    except CycleError as error:
        line = error.args[1][0].sourceline
        raise TemplateError(
            "template-circular", f"line {line}: the element is a part of itself: remove the reference"
        ) from error
    if drawn[root] > MAX_DRAWN_ELEMENTS:
        raise TemplateError(
            "template-too-complex",
            f"the template draws {drawn[root]:,} elements, {MAX_DRAWN_ELEMENTS:,} are allowed: copy less",
        )


def references(element: etree._Element, by_id: dict[str, etree._Element]) -> list[etree._Element]:
    """The elements that an element refers to by their ids."""
    names = [str(element.get(name))[1:] for name in HREFS if str(element.get(name, "")).startswith("#")]
    for value in element.attrib.values():
        names.extend(_URL.findall(str(value)) if "url(" in value else ())
    return [by_id[name] for name in names if name in by_id]
