"""Reading the source of an SVG: bounded, and without ever looking outside of it."""

import re
import zlib
from typing import Any

from lxml import etree

from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.tree import SVG

MAX_SOURCE_BYTES = 10_000_000  # what libxml2 lets one attribute hold; templates of 8 MB are real
MAX_ELEMENTS = 100_000
MAX_DEPTH = 100
_MAX_ENTITY_CHARACTERS = 200  # Illustrator's entities are the URLs of namespaces
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
# Bytes in which this can be read are not UTF-16, whatever they declare.
_FALSE_DECLARATION = re.compile(rb"""(<\?xml[^>]*?)\s+encoding=["']utf-?16["']""", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"<!doctype html|<html", re.IGNORECASE)
# What the parser stumbles on in files that people make, and what helps.
_REMEDIES = {
    "Namespace prefix xlink": 'add xmlns:xlink="http://www.w3.org/1999/xlink" to its <svg>',
    "Namespace prefix": "declare the namespace in its <svg>, or remove what is in it",
    "Entity 'nbsp'": "write &#160; for &nbsp;, which is HTML's alone",
    "xmlParseEntityRef": "write &amp; for an ampersand",
    "encoding": "save it as UTF-8",
}


def read_svg(source: bytes) -> etree._Element:
    """The root element of an SVG document.

    A byte order mark, UTF-16 and a declared encoding are honoured, and gzip is unpacked (.svgz). No DTD is
    read and nothing is fetched; short internal entities are expanded, as Illustrator writes them for its namespaces.
    Elements that stand in no namespace are taken to be SVG's.

    Raises:
        TemplateError: ``template-too-large``, ``template-malformed``, ``template-entities``,
            ``template-too-deep`` or ``template-not-svg``.
    """
    source = _unpacked(source)
    if len(source) > MAX_SOURCE_BYTES:
        raise TemplateError(
            "template-too-large",
            f"the source holds more than the {MAX_SOURCE_BYTES:,} bytes that are allowed: make images smaller",
        )
    source = source.removeprefix(_BYTE_ORDER_MARK).lstrip(b" \t\r\n")
    source = _FALSE_DECLARATION.sub(rb"\1", source, count=1)
    _check_kind(source)
    # lxml's stubs do not know that entities can be "internal".
    internal: Any = "internal"
    parser = etree.XMLParser(resolve_entities=internal, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        remedy = next((f": {help_}" for sign, help_ in _REMEDIES.items() if sign in str(error)), "")
        message = f"the template is not well-formed XML: {error}{remedy}"
        raise TemplateError("template-malformed", message) from error
    _check_entities(root.getroottree())
    _check_extent(root)
    _check_namespaces(root)
    if root.tag == "svg":
        for element in root.iter("{}*"):
            element.tag = f"{{{SVG}}}{element.tag}"
    if root.tag != f"{{{SVG}}}svg":
        raise TemplateError("template-not-svg", f"the root element is {root.tag}: it must be an <svg>")
    return root


def _unpacked(source: bytes) -> bytes:
    """The source; of one that is packed, no more than tells that it is too large."""
    if not source.startswith(_GZIP):
        return source
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(source, MAX_SOURCE_BYTES + 1)
    except zlib.error as error:
        message = "the template is gzip that cannot be unpacked: save it as plain SVG"
        raise TemplateError("template-malformed", message) from error


def _check_kind(source: bytes) -> None:
    """Say what a file is that is plainly no SVG, rather than where an XML parser gave up on it."""
    is_marked = source.startswith((b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0"))  # UTF-16
    if not source:
        raise TemplateError("template-not-svg", "the template is empty: is its address right?")
    if _WEB_PAGE.match(source):
        raise TemplateError("template-not-svg", "the template is a web page: is its address right?")
    if not source.startswith(b"<") and not is_marked:
        raise TemplateError(
            "template-not-svg", f"the template begins with {source[:8]!r}: it must be an <svg>"
        )


def _check_entities(tree: etree._ElementTree) -> None:
    dtd: Any = tree.docinfo.internalDTD
    for entity in () if dtd is None else dtd.iterentities():
        content = entity.content
        if content is None or "&" in content or len(content) > _MAX_ENTITY_CHARACTERS:
            raise TemplateError(
                "template-entities",
                f"the entity {entity.name!r} is external, nested or long: write its text where it is used",
            )


def _check_namespaces(root: etree._Element) -> None:
    """A namespace with a brace in its name could not be told from one with a token in it."""
    for _, declared in etree.iterwalk(root, events=("start-ns",)):
        if "{" in declared[1] or "}" in declared[1]:
            raise TemplateError(
                "template-malformed",
                f"the namespace {declared[1]!r} holds a brace: a namespace is a fixed name",
            )


def _check_extent(root: etree._Element) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise TemplateError(
                "template-too-deep",
                f"the template nests more than {MAX_DEPTH} elements or holds more than {MAX_ELEMENTS:,}:"
                " flatten its groups, or draw its background as an image",
            )
