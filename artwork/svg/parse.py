"""Parse the source of an SVG document within limits, and without access to external resources."""

import re
import zlib
from typing import Any

from lxml import etree

from certbeam.artwork.errors import Finding, TemplateError
from certbeam.artwork.svg.repair import repair_source
from certbeam.artwork.svg.tree import SVG
from certbeam.foundation.error_codes import ErrorCode

MAX_SOURCE_BYTES = 10_000_000  # libxml2's limit for one attribute; templates of 8 MB exist
MAX_ELEMENTS = 100_000
MAX_DEPTH = 100
_MAX_REPAIRS = 8  # each is followed by another attempt to parse
_MAX_ENTITY_LENGTH = 200  # characters; Illustrator's entities are the URLs of namespaces
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
# If these ASCII bytes can be found, the document is not UTF-16 as they declare.
_FALSE_DECLARATION = re.compile(rb"""(<\?xml[^>]*?)\s+encoding=["']utf-?16["']""", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"<!doctype html|<html", re.IGNORECASE)
# Frequent errors of the parser, by a part of their message, and how to fix each.
_REMEDIES = {
    "Namespace prefix": "declare the namespace in its <svg>, or remove what uses it",
    "xmlParseEntityRef": "write &amp; instead of an ampersand",
    "encoding": "save it as UTF-8",
}


def parse_svg(source: bytes, findings: list[Finding] | None = None) -> etree._Element:
    """Parse an SVG document and return its root element.

    A byte order mark, UTF-16, a declared encoding and gzip (.svgz) are supported. No DTD is read and nothing is
    fetched. Short internal entities are expanded, because Illustrator uses them for namespaces. Elements without a
    namespace are treated as SVG. HTML's entities and undeclared namespaces, which a browser writes when it serialises
    an HTML page, are repaired.

    Args:
        source: the document.
        findings: receives what was repaired.

    Raises:
        TemplateError: ``template-too-large``, ``template-malformed``, ``template-entities``,
            ``template-too-deep`` or ``template-not-svg``.
    """
    source = decompress(source)
    if len(source) > MAX_SOURCE_BYTES:
        raise TemplateError(
            ErrorCode.TEMPLATE_TOO_LARGE,
            f"the source is larger than the {MAX_SOURCE_BYTES:,} bytes allowed: make its images smaller",
        )
    source = source.removeprefix(_BYTE_ORDER_MARK).lstrip(b" \t\r\n")
    source = _FALSE_DECLARATION.sub(rb"\1", source, count=1)
    _check_file_type(source)
    root = _parse_or_repair(source, findings)
    _check_entities(root.getroottree())
    _check_size(root)
    _check_namespaces(root)
    if root.tag == "svg":
        for element in root.iter("{}*"):
            element.tag = f"{{{SVG}}}{element.tag}"
    if root.tag != f"{{{SVG}}}svg":
        raise TemplateError(ErrorCode.TEMPLATE_NOT_SVG, f"the root element is {root.tag}: it must be <svg>")
    return root


def decompress(source: bytes) -> bytes:
    """Decompress gzip, up to one byte more than is allowed, which is enough to detect that it is too large."""
    if not source.startswith(_GZIP):
        return source
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(source, MAX_SOURCE_BYTES + 1)
    except zlib.error as error:
        message = "the template is a gzip file that cannot be decompressed: save it as plain SVG"
        raise TemplateError(ErrorCode.TEMPLATE_MALFORMED, message) from error


def _check_file_type(source: bytes) -> None:
    """Reject other files with a clearer message than the XML parser's."""
    is_utf16 = source.startswith((b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0"))
    if not source:
        raise TemplateError(ErrorCode.TEMPLATE_NOT_SVG, "the template is empty: check its URL")
    if _WEB_PAGE.match(source):
        raise TemplateError(ErrorCode.TEMPLATE_NOT_SVG, "the template is a web page: check its URL")
    if not source.startswith(b"<") and not is_utf16:
        raise TemplateError(
            ErrorCode.TEMPLATE_NOT_SVG, f"the template begins with {source[:8]!r}: it must be an SVG document"
        )


def _parse_or_repair(source: bytes, findings: list[Finding] | None) -> etree._Element:
    """Parse a document; if a browser wrote it as part of an HTML page, repair it first."""
    for _ in range(_MAX_REPAIRS):
        try:
            return _parse_xml(source)
        except TemplateError as error:
            repair = repair_source(source, error.__cause__)
            if repair is None:
                raise
            source, finding = repair
            if findings is not None:
                findings.append(finding)
    return _parse_xml(source)


def _parse_xml(source: bytes) -> etree._Element:
    # lxml's type stubs lack the value "internal" of resolve_entities.
    internal: Any = "internal"
    parser = etree.XMLParser(resolve_entities=internal, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        remedy = next((f": {remedy}" for part, remedy in _REMEDIES.items() if part in str(error)), "")
        message = f"the template is not well-formed XML: {error}{remedy}"
        raise TemplateError(ErrorCode.TEMPLATE_MALFORMED, message) from error


def _check_entities(tree: etree._ElementTree) -> None:
    dtd: Any = tree.docinfo.internalDTD
    for entity in () if dtd is None else dtd.iterentities():
        content = entity.content
        if content is None or "&" in content or len(content) > _MAX_ENTITY_LENGTH:
            raise TemplateError(
                ErrorCode.TEMPLATE_ENTITIES,
                f"the entity {entity.name!r} is external, nested or longer than {_MAX_ENTITY_LENGTH} characters:"
                " write its text where it is used",
            )


def _check_namespaces(root: etree._Element) -> None:
    """Reject braces in the URI of a namespace, because a variable reference there could not be detected later."""
    for _, (_, uri) in etree.iterwalk(root, events=("start-ns",)):
        if "{" in uri or "}" in uri:
            raise TemplateError(
                ErrorCode.TEMPLATE_MALFORMED,
                f"the namespace {uri!r} contains a brace: declare a namespace without variables",
            )


def _check_size(root: etree._Element) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise TemplateError(
                ErrorCode.TEMPLATE_TOO_DEEP,
                f"the template nests more than {MAX_DEPTH} elements or has more than {MAX_ELEMENTS:,} in all:"
                " ungroup elements, or replace the background by an image",
            )
