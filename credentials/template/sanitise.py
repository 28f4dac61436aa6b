"""Taking out of a template whatever acts, reaches outside or is private to the program that drew it."""

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from certbeam.credentials.template.css import clean_declarations, clean_style_sheet, is_local
from certbeam.credentials.template.errors import Finding
from certbeam.credentials.template.parse import SVG, XLINK, XML

_NAMESPACES: Any = {None: SVG, "xlink": XLINK}
_HREFS = ("href", f"{{{XLINK}}}href")

# SVG 1.1 and 2 without what acts (script, animation, foreignObject, media) and without SVG fonts.
_STILL = """
    a circle clipPath defs desc ellipse filter g image line linearGradient marker mask path pattern polygon
    polyline radialGradient rect stop style svg switch symbol text textPath title tspan use view
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
    feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur
    feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
    feTurbulence
"""
_ACTING = """
    script foreignObject handler listener animate animateColor animateMotion animateTransform set discard
    audio video iframe canvas
"""
_STILL_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _STILL.split())
_ACTING_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _ACTING.split())
_IMAGES = frozenset({f"{{{SVG}}}image", f"{{{SVG}}}feImage"})
_LINK = f"{{{SVG}}}a"
_KEPT_ATTRIBUTE_NAMESPACES = (f"{{{XML}}}lang", f"{{{XML}}}space", f"{{{XLINK}}}href", f"{{{XLINK}}}title")
_SAFE_LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_URL_SPACE = re.compile(r"\s+")


def sanitise(root: etree._Element, image: Callable[[str], str], slot: re.Pattern[str]) -> list[Finding]:
    """Clean a parsed template in place.

    Scripts, event handlers, foreignObject, animations, external references, CSS that imports, links that
    act and style sheet instructions are removed, each with a finding. Comments, metadata and what belongs
    to the drawing program (another namespace) are dropped without one.

    Args:
        root: the template's root element.
        image: gives the ``data:`` URI for the address of an image; what it raises ends the cleaning.
        slot: matches an address that is filled in later, and checked then.

    Returns:
        What was removed and why.
    """
    findings: list[Finding] = []
    _strip_instructions(root, findings)
    for element in list(root.iter(etree.Element)):
        _clean_element(element, image, slot, findings)
    for switch in list(root.iter(f"{{{SVG}}}switch")):
        _choose(switch)
    etree.cleanup_namespaces(root, top_nsmap=_NAMESPACES)
    return findings


def _strip_instructions(root: etree._Element, findings: list[Finding]) -> None:
    instructions: list[Any] = [*root.itersiblings(etree.PI, preceding=True), *root.iter(etree.PI)]
    sheets = (instruction for instruction in instructions if instruction.target == "xml-stylesheet")
    findings.extend(_removed(sheet, "the style sheet instruction") for sheet in sheets)
    etree.strip_tags(root, etree.Comment, etree.PI, etree.Entity)


def _clean_element(
    element: etree._Element, image: Callable[[str], str], slot: re.Pattern[str], findings: list[Finding]
) -> None:
    if element.tag not in _STILL_ELEMENTS:
        if element.tag in _ACTING_ELEMENTS:
            findings.append(_removed(element, f"<{etree.QName(element).localname}>"))
        remove(element)
        return
    _clean_href(element, image, slot, findings)
    for name in list(element.attrib):
        _clean_attribute(element, str(name), findings)
    if element.tag == f"{{{SVG}}}style":
        report = lambda what: findings.append(_removed(element, what))  # noqa: E731
        element.text = clean_style_sheet(element.text or "", report)


def _clean_attribute(element: etree._Element, name: str, findings: list[Finding]) -> None:
    value = str(element.attrib[name])
    if name.lower().startswith("on"):
        findings.append(_removed(element, f"the event handler {name}"))
        del element.attrib[name]
    elif name.startswith("{") and name not in _KEPT_ATTRIBUTE_NAMESPACES:
        del element.attrib[name]
    elif name == "style":
        element.set(name, clean_declarations(value, lambda what: findings.append(_removed(element, what))))
    elif name not in _HREFS and not is_local(value):
        findings.append(_removed(element, f"the attribute {name}, which reaches outside"))
        del element.attrib[name]


def _clean_href(
    element: etree._Element, image: Callable[[str], str], slot: re.Pattern[str], findings: list[Finding]
) -> None:
    names = [name for name in _HREFS if name in element.attrib]
    if not names:
        return
    href = str(element.attrib[names[0]]).strip()  # SVG 2: href wins over xlink:href
    for name in names[:-1]:
        del element.attrib[name]
    acts = _URL_SPACE.sub("", href).lower().startswith(("javascript:", "vbscript:"))
    if slot.fullmatch(href) or href.startswith("#") or (element.tag == _LINK and _SAFE_LINK.match(href)):
        element.set(names[-1], href)
    elif element.tag in _IMAGES and href and not acts:
        element.set(names[-1], image(href))
    else:
        findings.append(_removed(element, f"the reference {href[:60]!r}, which acts or reaches outside"))
        del element.attrib[names[-1]]


def _choose(switch: etree._Element) -> None:
    """Make a <switch> the group of the one child it would show to a viewer without extensions."""
    children = [child for child in switch if "requiredExtensions" not in child.attrib]
    chosen = next((child for child in children if "systemLanguage" not in child.attrib), None)
    for child in list(switch):
        if child is not chosen:
            remove(child)
    switch.tag = f"{{{SVG}}}g"


def remove(element: etree._Element) -> None:
    """Take an element out of its tree, and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)


def _removed(element: etree._Element, what: str) -> Finding:
    line: Any = element.sourceline
    return Finding("removed", line or 0, f"removed {what}: a certificate holds all it shows, and is still")
