"""Remove scripts, animations, external references and editor data from a template."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from lxml import etree

from certbeam.artwork.errors import Finding, TemplateError, add_line
from certbeam.artwork.svg.sanitise_css import (
    is_self_contained,
    sanitise_declarations,
    sanitise_style_sheet,
)
from certbeam.artwork.svg.tree import HREFS, SVG, XLINK, XML, get_line, remove_element
from certbeam.foundation.error_codes import ErrorCode

# The elements of SVG 1.1 and 2 that are static: no script, animation, foreignObject or media, and no SVG fonts.
_STATIC = """
    a circle clipPath defs desc ellipse filter g image line linearGradient marker mask path pattern polygon
    polyline radialGradient rect stop style svg switch symbol text textPath title tspan use view
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
    feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur
    feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
    feTurbulence
"""
_ACTIVE = """
    script foreignObject handler listener animate animateColor animateMotion animateTransform set discard
    audio video iframe canvas
"""
# Elements that describe the drawing or its fonts, and are never rendered.
_NEVER_RENDERED = (
    "metadata font font-face font-face-src font-face-name font-face-uri font-face-format glyph missing-glyph"
)
_NEVER_RENDERED += " hkern vkern color-profile solidColor"
_STATIC_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _STATIC.split())
_NEVER_RENDERED_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _NEVER_RENDERED.split())
_ACTIVE_ELEMENTS = frozenset(f"{{{SVG}}}{name}" for name in _ACTIVE.split())
_IMAGES = frozenset({f"{{{SVG}}}image", f"{{{SVG}}}feImage"})
_LINK = f"{{{SVG}}}a"
_ALLOWED_NAMESPACED_ATTRIBUTES = (
    f"{{{XML}}}lang",
    f"{{{XML}}}space",
    f"{{{XLINK}}}href",
    f"{{{XLINK}}}title",
)
_SAFE_LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_WHITE_SPACE = re.compile(r"\s+")


def sanitise(
    root: etree._Element, embed_image: Callable[[str, etree._Element], str], marker: re.Pattern[str]
) -> list[Finding]:
    """Sanitise a parsed template in place.

    Scripts, event handlers, foreignObject, animations, external references, CSS with external resources, script
    links and style sheet instructions are removed, each with a finding. Comments, metadata and editor data (in other
    namespaces) are removed without one.

    Args:
        root: the template's root element.
        embed_image: returns the ``data:`` URI for the URL of an image, and its element; errors get the line.
        marker: matches the marker of a placeholder, whose URL is checked when it is filled.

    Returns:
        What was removed and why.
    """
    sanitiser = _Sanitiser(embed_image, marker)
    sanitiser.remove_instructions(root)
    for element in list(root.iter(etree.Element)):
        sanitiser.sanitise_element(element)
    return sanitiser.findings


def sanitise_styles(root: etree._Element) -> list[Finding]:
    """Remove CSS with external resources from the style sheets and attributes of a parsed template, in place.

    What is left can be resolved to presentation attributes before elements are removed, which selectors count.

    Returns:
        What was removed and why.
    """
    sanitiser = _Sanitiser(_refuse_image, re.compile(r"(?!)"))
    for element in list(root.iter(etree.Element)):
        sanitiser.sanitise_style(element)
    return sanitiser.findings


def _refuse_image(href: str, element: etree._Element) -> str:
    raise ValueError(f"{href[:60]!r} of {element.tag} is not part of a style")


class _Sanitiser:
    """Sanitiser of one document, with the findings so far."""

    def __init__(self, embed_image: Callable[[str, etree._Element], str], marker: re.Pattern[str]) -> None:
        self._embed_image = embed_image
        self._marker = marker
        self.findings: list[Finding] = []
        self._removed_descendants: set[etree._Element] = set()

    def remove_instructions(self, root: etree._Element) -> None:
        instructions: list[Any] = [*root.itersiblings(etree.PI, preceding=True), *root.iter(etree.PI)]
        for instruction in instructions:
            if instruction.target == "xml-stylesheet":
                self._report(instruction, "the xml-stylesheet instruction")
        etree.strip_tags(root, etree.Comment, etree.PI, etree.Entity)

    def sanitise_element(self, element: etree._Element) -> None:
        if element in self._removed_descendants:
            return
        if element.tag not in _STATIC_ELEMENTS:
            self._report_element(element)
            for child in element.iterdescendants():
                self._removed_descendants.add(child)
            remove_element(element)
            return
        self._sanitise_href(element)
        for name in list(element.attrib):
            self._sanitise_attribute(element, str(name))
        if element.tag == f"{{{SVG}}}style":
            element.text = sanitise_style_sheet(element.text or "", partial(self._report, element))

    def sanitise_style(self, element: etree._Element) -> None:
        """Sanitise the CSS of an element, and its attributes that refer to a resource by ``url()``."""
        for name in list(map(str, element.attrib)):
            if name not in HREFS and not name.startswith(("on", "{")):
                self._sanitise_attribute(element, name)
        if element.tag == f"{{{SVG}}}style":
            element.text = sanitise_style_sheet(element.text or "", partial(self._report, element))

    def _report_element(self, element: etree._Element) -> None:
        """Report the removal of an element if it is active, or if some program renders its text."""
        name = etree.QName(element)
        if name.localname == "foreignObject" and _has_text(element):
            message = "<foreignObject> has text, which only browsers render: write it as <text>"
            raise add_line(TemplateError(ErrorCode.TEMPLATE_TEXT, message), element.sourceline)
        if element.tag in _ACTIVE_ELEMENTS:
            self._report(element, f"<{name.localname}>")
        elif name.namespace == SVG and element.tag not in _NEVER_RENDERED_ELEMENTS and _has_text(element):
            message = f"removed <{name.localname}> and its text, because viewers do not render it: write it as <text>"
            self.findings.append(Finding("removed", get_line(element), message))

    def _sanitise_attribute(self, element: etree._Element, name: str) -> None:
        value = str(element.attrib[name])
        if name.lower().startswith("on"):
            self._report(element, f"the event handler {name}")
            del element.attrib[name]
        elif name.startswith("{") and name not in _ALLOWED_NAMESPACED_ATTRIBUTES:
            del element.attrib[name]
        elif name == "style":
            element.set(name, sanitise_declarations(value, partial(self._report, element)))
        elif name not in HREFS and not is_self_contained(value):
            self._report(element, f"the attribute {name}, which refers to an external resource")
            del element.attrib[name]

    def _sanitise_href(self, element: etree._Element) -> None:
        """Keep one reference of an element, if it is safe; an image is embedded."""
        names = [name for name in HREFS if name in element.attrib]
        if not names:
            return
        href = str(element.attrib[names[0]]).strip()  # SVG 2: href takes precedence over xlink:href
        for name in names[:-1]:
            del element.attrib[name]
        is_link = element.tag == _LINK and _SAFE_LINK.match(href)
        is_script = _WHITE_SPACE.sub("", href).lower().startswith(("javascript:", "vbscript:"))
        if self._marker.fullmatch(href) or href.startswith("#") or is_link:
            element.set(names[-1], href)
        elif element.tag in _IMAGES and href and not is_script:
            try:
                element.set(names[-1], self._embed_image(href, element))
            except TemplateError as error:
                raise add_line(error, element.sourceline) from error
        else:
            self._report(element, f"the reference {href[:60]!r}, which is external or a script")
            del element.attrib[names[-1]]

    def _report(self, element: etree._Element, removed: str) -> None:
        message = f"removed {removed}: a certificate must be static and self-contained; check the template in a preview"
        self.findings.append(Finding("removed", get_line(element), message))


def _has_text(element: etree._Element) -> bool:
    return any(not str(text).isspace() for text in element.itertext())
