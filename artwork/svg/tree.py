"""Access an SVG document as a tree of elements: namespaces, references and source lines."""

from typing import Any

from lxml import etree

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
HREFS = ("href", f"{{{XLINK}}}href")
"""Attributes that refer to another resource, in the order of precedence of SVG 2."""


def get_line(element: etree._Element) -> int:
    """Return the line of the source on which an element begins, from 1; 0 if it is not known."""
    return element.sourceline if isinstance(element.sourceline, int) else 0


def get_href(element: etree._Element) -> str:
    """Return the value of an element's ``href`` or ``xlink:href``; empty if it has neither."""
    return next((str(element.get(name)) for name in HREFS if name in element.attrib), "")


def use_default_namespace(root: etree._Element) -> etree._Element:
    """Return the document with SVG as its default namespace, and no other namespace than XLink declared."""
    namespaces: Any = {None: SVG, "xlink": XLINK}
    attributes = {str(name): str(value) for name, value in root.attrib.items()}
    new = etree.Element(root.tag, attributes, nsmap=namespaces)
    new.text = root.text
    new.extend(root)
    etree.cleanup_namespaces(new, top_nsmap=namespaces)
    return new


def remove_element(element: etree._Element) -> None:
    """Remove an element from its tree, but keep the text that follows it."""
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
