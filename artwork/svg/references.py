"""Find the references between a template's elements, and limit what they expand to."""

import re
from graphlib import CycleError, TopologicalSorter

from lxml import etree

from certbeam.artwork.errors import TemplateError, add_line
from certbeam.artwork.svg.tree import HREFS
from certbeam.foundation.error_codes import ErrorCode

MAX_RENDERED_ELEMENTS = 1_000_000
_URL = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")


def check_references(root: etree._Element) -> None:
    """Check that a template can be rendered in finite time with all of its references expanded.

    Raises:
        TemplateError: ``template-circular``: an element refers to itself; ``template-too-complex``: the references
            expand to too many elements.
    """
    by_id = {str(element.get("id")): element for element in root.iter(etree.Element)}
    parts = {element: [*element, *find_referenced(element, by_id)] for element in root.iter(etree.Element)}
    counts: dict[etree._Element, int] = {}
    try:
        for element in TopologicalSorter(parts).static_order():
            counts[element] = 1 + sum(counts[part] for part in parts[element])
    except CycleError as error:
        circular = TemplateError(
            ErrorCode.TEMPLATE_CIRCULAR, "the element contains a reference to itself: remove the reference"
        )
        raise add_line(circular, error.args[1][0].sourceline) from error
    if counts[root] > MAX_RENDERED_ELEMENTS:
        raise TemplateError(
            ErrorCode.TEMPLATE_TOO_COMPLEX,
            f"the template renders {counts[root]:,} elements once its references are expanded,"
            f" more than the {MAX_RENDERED_ELEMENTS:,} allowed: use fewer copies",
        )


def find_referenced(element: etree._Element, by_id: dict[str, etree._Element]) -> list[etree._Element]:
    """Return the elements that an element refers to by ``href`` or ``url(#…)``."""
    names = [str(element.get(name))[1:] for name in HREFS if str(element.get(name, "")).startswith("#")]
    for value in element.attrib.values():
        names.extend(_URL.findall(str(value)) if "url(" in value else ())
    return [by_id[name] for name in names if name in by_id]
