"""Taking out of a template whatever acts, reaches outside or is private to the program that drew it."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from lxml import etree

from certbeam.credentials.template.errors import Finding, TemplateError, at_line
from certbeam.credentials.template.sanitise_css import clean_declarations, clean_style_sheet, is_local
from certbeam.credentials.template.tree import HREFS, SVG, XLINK, XML, line_of, remove

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
# What describes the drawing or its fonts, and shows nothing.
_UNSEEN = (
    "metadata font font-face font-face-src font-face-name font-face-uri font-face-format glyph missing-glyph"
)
_UNSEEN += " hkern vkern color-profile solidColor"
_STILL_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _STILL.split())
_UNSEEN_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _UNSEEN.split())
_ACTING_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _ACTING.split())
_IMAGES = frozenset({f"{{{SVG}}}image", f"{{{SVG}}}feImage"})
_LINK = f"{{{SVG}}}a"
_KEPT_ATTRIBUTE_NAMESPACES = (f"{{{XML}}}lang", f"{{{XML}}}space", f"{{{XLINK}}}href", f"{{{XLINK}}}title")
_SAFE_LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


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
    sanitiser = _Sanitiser(image, slot)
    sanitiser.strip_instructions(root)
    for element in list(root.iter(etree.Element)):
        sanitiser.clean(element)
    for switch in list(root.iter(f"{{{SVG}}}switch")):
        _choose(switch)
    return sanitiser.findings


class _Sanitiser:
    """The rules, and what they removed."""

    def __init__(self, image: Callable[[str], str], slot: re.Pattern[str]) -> None:
        self._image = image
        self._slot = slot
        self.findings: list[Finding] = []
        self._gone: set[etree._Element] = set()

    def strip_instructions(self, root: etree._Element) -> None:
        instructions: list[Any] = [*root.itersiblings(etree.PI, preceding=True), *root.iter(etree.PI)]
        for instruction in instructions:
            if instruction.target == "xml-stylesheet":
                self._removed(instruction, "the style sheet instruction")
        etree.strip_tags(root, etree.Comment, etree.PI, etree.Entity)

    def clean(self, element: etree._Element) -> None:
        if element in self._gone:
            return
        if element.tag not in _STILL_ELEMENTS:
            self._report(element)
            for child in element.iterdescendants():
                self._gone.add(child)
            remove(element)
            return
        self._clean_href(element)
        for name in list(element.attrib):
            self._clean_attribute(element, str(name))
        if element.tag == f"{{{SVG}}}style":
            element.text = clean_style_sheet(element.text or "", partial(self._removed, element))

    def _report(self, element: etree._Element) -> None:
        """Say that an element goes, if it acts, or shows text in some program."""
        name = etree.QName(element)
        if element.tag in _ACTING_ELEMENTS:
            self._removed(element, f"<{name.localname}>")
        elif name.namespace == SVG and element.tag not in _UNSEEN_ELEMENTS and _has_text(element):
            remedy = "which viewers do not know, and the text in it: write it as <text>"
            self.findings.append(
                Finding("removed", line_of(element), f"removed <{name.localname}>, {remedy}")
            )

    def _clean_attribute(self, element: etree._Element, name: str) -> None:
        value = str(element.attrib[name])
        if name.lower().startswith("on"):
            self._removed(element, f"the event handler {name}")
            del element.attrib[name]
        elif name.startswith("{") and name not in _KEPT_ATTRIBUTE_NAMESPACES:
            del element.attrib[name]
        elif name == "style":
            element.set(name, clean_declarations(value, partial(self._removed, element)))
        elif name not in HREFS and not is_local(value):
            self._removed(element, f"the attribute {name}, which reaches outside")
            del element.attrib[name]

    def _clean_href(self, element: etree._Element) -> None:
        names = [name for name in HREFS if name in element.attrib]
        if not names:
            return
        href = str(element.attrib[names[0]]).strip()  # SVG 2: href wins over xlink:href
        for name in names[:-1]:
            del element.attrib[name]
        is_link = element.tag == _LINK and _SAFE_LINK.match(href)
        acts = _SPACE.sub("", href).lower().startswith(("javascript:", "vbscript:"))
        if self._slot.fullmatch(href) or href.startswith("#") or is_link:
            element.set(names[-1], href)
        elif element.tag in _IMAGES and href and not acts:
            try:
                element.set(names[-1], self._image(href))
            except TemplateError as error:
                raise at_line(element.sourceline, error) from error
        else:
            self._removed(element, f"the reference {href[:60]!r}, which acts or reaches outside")
            del element.attrib[names[-1]]

    def _removed(self, element: etree._Element, what: str) -> None:
        message = f"removed {what}: a certificate holds all it shows, and is still"
        self.findings.append(Finding("removed", line_of(element), message))


def _has_text(element: etree._Element) -> bool:
    return any(not str(text).isspace() for text in element.itertext())


def _choose(switch: etree._Element) -> None:
    """Make a <switch> the group of the one child it would show to a viewer without extensions."""
    children = [child for child in switch if "requiredExtensions" not in child.attrib]
    chosen = next((child for child in children if "systemLanguage" not in child.attrib), None)
    for child in list(switch):
        if child is not chosen:
            remove(child)
    switch.tag = f"{{{SVG}}}g"
