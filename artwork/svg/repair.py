"""Repair what a browser accepts in HTML, but XML does not: entities of HTML, and undeclared namespaces."""

import html.entities
import re

from lxml import etree

from certbeam.artwork.errors import Finding
from certbeam.artwork.svg.tree import SVG, XLINK

_UNDEFINED_ENTITY = re.compile(r"Entity '(\w+)' not defined")
_UNDECLARED_PREFIX = re.compile(r"Namespace prefix ([\w.-]+) ")
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?svg(?=[\s/>])")
_XML_ENTITIES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_NAMESPACES = {"xlink": XLINK, "svg": SVG}


def repair_source(source: bytes, error: BaseException | None) -> tuple[bytes, Finding] | None:
    """Repair the fault that the XML parser reports.

    Args:
        source: a document in an encoding that contains ASCII.
        error: the parser's error.

    Returns:
        The repaired document, and what was repaired; None if it cannot be repaired.
    """
    if not isinstance(error, etree.XMLSyntaxError):
        return None
    line = error.lineno or 0
    entity = _UNDEFINED_ENTITY.search(str(error))
    if entity is not None and entity[1] in html.entities.name2codepoint:
        message = (
            f"replaced &{entity[1]}; and similar entities, which only HTML defines: write their characters"
        )
        return _ENTITY.sub(_replace_entity, source), Finding("repaired", line, message)
    prefix = _UNDECLARED_PREFIX.search(str(error))
    root = None if prefix is None else _ROOT.search(source)
    if prefix is None or root is None:
        return None
    namespace = _NAMESPACES.get(prefix[1], f"urn:undeclared:{prefix[1]}")
    declaration = f' xmlns:{prefix[1]}="{namespace}"'
    message = f"declared the namespace {prefix[1]}: add{declaration} to its <svg>"
    repaired = source[: root.end()] + declaration.encode() + source[root.end() :]
    return repaired, Finding("repaired", line, message)


def _replace_entity(match: re.Match[bytes]) -> bytes:
    codepoint = html.entities.name2codepoint.get(match[1].decode())
    return match[0] if codepoint is None or match[1] in _XML_ENTITIES else b"&#%d;" % codepoint
