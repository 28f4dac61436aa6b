"""An SVG document as a tree: its names, and what is done to any of its elements."""

from typing import Any

from lxml import etree

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
HREFS = ("href", f"{{{XLINK}}}href")  # SVG 2: the first wins


def line_of(element: etree._Element) -> int:
    """The line of the source that an element stands on, from 1; 0 if that is not known."""
    return element.sourceline if isinstance(element.sourceline, int) else 0


def href_of(element: etree._Element) -> str:
    """What an element refers to by an ``href`` attribute; empty if it has none."""
    return next((str(element.get(name)) for name in HREFS if name in element.attrib), "")


def in_default_namespace(root: etree._Element) -> etree._Element:
    """The same document with SVG as its default namespace and none but SVG's and XLink's declared."""
    namespaces: Any = {None: SVG, "xlink": XLINK}
    attributes = {str(name): str(value) for name, value in root.attrib.items()}
    new = etree.Element(root.tag, attributes, nsmap=namespaces)
    new.text = root.text
    new.extend(root)
    etree.cleanup_namespaces(new, top_nsmap=namespaces)
    return new


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
