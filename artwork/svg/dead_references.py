"""Make references within a template unambiguous, and drop those to nothing as browsers do."""

import itertools
import re
from collections.abc import Mapping
from urllib.parse import unquote

from lxml import etree

from certbeam.artwork.svg.tree import HREFS, SVG, remove_element

_URL = re.compile(r"url\(\s*(['\"]?)#(.*?)\1\s*\)\s*(.*)", re.DOTALL)
_SAFE_ID = re.compile(r"[\w.:-]+")
_UNSAFE_CHARACTERS = re.compile(r"[^\w.-]+")
_PAINT_SERVERS = frozenset({"linearGradient", "radialGradient", "pattern"})
_SHAPES = frozenset({"circle", "ellipse", "line", "path", "polygon", "polyline", "rect"})
_DRAWN = _SHAPES | {"a", "g", "image", "svg", "switch", "symbol", "text", "use"}
# The elements that each attribute can refer to.
_TARGETS: Mapping[str, frozenset[str]] = {
    "fill": _PAINT_SERVERS,
    "stroke": _PAINT_SERVERS,
    "clip-path": frozenset({"clipPath"}),
    "filter": frozenset({"filter"}),
    "mask": frozenset({"mask"}),
    **dict.fromkeys(("marker-start", "marker-mid", "marker-end"), frozenset({"marker"})),
}
_PAINTS = frozenset({"fill", "stroke"})
# The elements that an href can refer to, by the element that has it.
_HREF_TARGETS: Mapping[str, frozenset[str]] = {
    "linearGradient": frozenset({"linearGradient", "radialGradient"}),
    "radialGradient": frozenset({"linearGradient", "radialGradient"}),
    "pattern": frozenset({"pattern"}),
    "textPath": _SHAPES,
    "use": _DRAWN,
}

_Ids = Mapping[str, etree._Element]
_Names = Mapping[etree._Element, str]


def normalise_references(root: etree._Element) -> None:
    """Resolve the references of a template in the normal form as browsers do.

    The first of several elements with one id is the one that is referred to. An id with spaces or other special
    characters is replaced. A reference to nothing, or to an element of the wrong kind, has no effect: its paint is the
    fallback or ``none``, and a <use> draws nothing. An <image> without a reference draws nothing either.
    """
    elements = list(root.iter(etree.Element))
    by_id = _collect_ids(elements)
    names = _choose_names(by_id)
    for element in elements:
        for attribute, targets in _TARGETS.items():
            if "url(" in element.get(attribute, ""):
                _resolve_url(element, attribute, targets, by_id, names)
    for element in elements:
        _resolve_href(element, by_id, names)
    for element, name in names.items():
        element.set("id", name)


def _find_name(element: etree._Element) -> str:
    return str(element.tag).removeprefix(f"{{{SVG}}}")


def _collect_ids(elements: list[etree._Element]) -> _Ids:
    """Return the elements by id; further elements with an id lose it."""
    by_id: dict[str, etree._Element] = {}
    for element in elements:
        identifier = element.get("id")
        if identifier is not None and by_id.setdefault(str(identifier), element) is not element:
            del element.attrib["id"]
    return by_id


def _find_target(fragment: str, by_id: _Ids, targets: frozenset[str]) -> etree._Element | None:
    target = by_id.get(fragment)
    if target is None:
        target = by_id.get(unquote(fragment))
    return target if target is not None and _find_name(target) in targets else None


def _resolve_url(
    element: etree._Element, attribute: str, targets: frozenset[str], by_id: _Ids, names: _Names
) -> None:
    match = _URL.fullmatch(str(element.get(attribute)).strip())
    if match is None:
        return  # filter functions, or a value with several references
    target = _find_target(match[2], by_id, targets)
    if target is not None:
        fallback = f" {match[3]}" if match[3] and attribute in _PAINTS else ""
        element.set(attribute, f"url(#{names[target]}){fallback}")
    elif attribute in _PAINTS:
        element.set(attribute, match[3] or "none")
    else:
        del element.attrib[attribute]


def _resolve_href(element: etree._Element, by_id: _Ids, names: _Names) -> None:
    name = _find_name(element)
    attribute = next((key for key in HREFS if key in element.attrib), None)
    href = "" if attribute is None else str(element.get(attribute)).strip()
    if name == "image" and not href:
        _remove(element, by_id)
    targets = _HREF_TARGETS.get(name)
    if targets is None or (attribute is None and name != "use"):
        return
    target = _find_target(href[1:], by_id, targets) if href.startswith("#") else None
    if target is not None and attribute is not None:
        element.set(attribute, f"#{names[target]}")
    elif name == "use":
        _remove(element, by_id)
    elif attribute is not None and name != "textPath":
        del element.attrib[attribute]


def _remove(element: etree._Element, by_id: _Ids) -> None:
    """Remove an element that draws nothing, unless something could refer to it."""
    if by_id.get(str(element.get("id", ""))) is not element:
        remove_element(element)


def _choose_names(by_id: _Ids) -> dict[etree._Element, str]:
    """Return an id without special characters for each element that has an id."""
    names: dict[etree._Element, str] = {}
    used = set(by_id)
    for identifier, element in by_id.items():
        name = identifier
        if not _SAFE_ID.fullmatch(identifier):
            safe = _UNSAFE_CHARACTERS.sub("-", identifier)
            name = next(
                name for name in (f"{safe}-{number}" for number in itertools.count(1)) if name not in used
            )
        used.add(name)
        names[element] = name
    return names
