"""Baking: embedding a credential in a picture, and extracting it (Open Badges 3.0 §5.3)."""

import contextlib
import re
import struct
import threading
import zlib
from collections.abc import Sequence

import cachetools
import lxml.etree
from openbadgeslib import baking

_ROOT = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*<svg(?=[\s>])(?:[^"'<>/]|"[^"]*"|'[^']*')*(>)""",
    re.DOTALL,
)
_NAMESPACE = b' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'

_NO_ROOT = "the certificate's picture does not begin with an svg element"
_CACHE_BYTES = 16_000_000

# JSON may contain these and a CDATA section may not: its end marker, and two code points that XML forbids.
_CDATA_ESCAPES = {b"]]>": b"]]\\u003e", b"\xef\xbf\xbe": b"\\ufffe", b"\xef\xbf\xbf": b"\\uffff"}

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\0\0\0\0IEND\xae\x42\x60\x82"
# Keyword, no compression, no language, no translated keyword.
_PNG_KEYWORD = b"openbadgecredential" + b"\0" * 5


def bake_svg(svg: Sequence[bytes], credential: bytes) -> tuple[bytes, ...]:
    """Return an SVG with a credential as the first child of its root element.

    Args:
        svg: the parts of the document, in order.
        credential: JSON in UTF-8.

    Raises:
        ValueError: if ``svg`` does not begin with an ``svg`` element.
    """
    start, rest, others = _split_at_root(svg)
    for text, escaped in _CDATA_ESCAPES.items():
        credential = credential.replace(text, escaped)
    element = b"".join((b"><openbadges:credential><![CDATA[", credential, b"]]></openbadges:credential>"))
    return (start, _NAMESPACE, element, rest, *others)


def _split_at_root(svg: Sequence[bytes]) -> tuple[bytes, bytes, Sequence[bytes]]:
    """Return the bytes before the ``>`` of the root's start tag, the bytes after it, and the remaining parts."""
    for count in range(1, len(svg) + 1):
        # Certificates of a template have the same first part, so its split is cached. If a placeholder is in the
        # start tag, the tag spans several parts and differs between certificates.
        split = _split_first_part if count == 1 else _split_head
        with contextlib.suppress(ValueError):
            return (*split(b"".join(svg[:count])), svg[count:])
    raise ValueError(_NO_ROOT)


def _split_head(head: bytes) -> tuple[bytes, bytes]:
    root = _ROOT.match(head)
    if root is None:
        raise ValueError(_NO_ROOT)
    return head[: root.start(1)], head[root.end(1) :]


_split_first_part = cachetools.cached(
    cachetools.LRUCache(_CACHE_BYTES, getsizeof=lambda split: sum(map(len, split))),
    key=lambda head: head,
    lock=threading.Lock(),
)(_split_head)


def bake_png(png: bytes, credential: bytes) -> bytes:
    """Return a PNG with a credential in an uncompressed iTXt chunk.

    Args:
        png: the picture.
        credential: JSON in UTF-8.

    Raises:
        ValueError: if ``png`` is not a PNG.
    """
    if not (png.startswith(_PNG_SIGNATURE) and png.endswith(_PNG_END)):
        raise ValueError("the certificate's picture is not a PNG")
    body = b"iTXt" + _PNG_KEYWORD + credential
    chunk = struct.pack("!I", len(body) - 4) + body + struct.pack("!I", zlib.crc32(body))
    return png[: -len(_PNG_END)] + chunk + _PNG_END


_PNG_CHUNK = b"iTXtopenbadgecredential\0"
_SVG_ELEMENT = ".//{https://purl.imsglobal.org/ob/v3p0}credential"


def extract_credential(picture: bytes) -> str | None:
    """Return the credential that is baked into an SVG or PNG; None if there is none.

    Raises:
        ValueError: if the picture cannot be read, or holds more than one credential. With several, verifiers may
            differ in which one they read.
    """
    try:
        if picture.startswith(b"\x89PNG"):
            credential = baking.extract_png(picture, keyword=baking.ITXT_KEYWORD_OB3)
            count = picture.count(_PNG_CHUNK)
        else:
            credential = baking.extract_svg(picture, element=baking.SVG_ELEMENT_OB3, text_fallback=True)
            root = lxml.etree.fromstring(picture, _xml_parser()) if credential else None
            count = 0 if root is None else len(root.findall(_SVG_ELEMENT))
    except Exception as error:
        # openbadgeslib does not wrap the exceptions of its XML and PNG parsers, which are of many types.
        raise ValueError(f"the picture cannot be read: {error}") from error
    if count > 1:
        raise ValueError("more than one credential is baked into the picture")
    return credential


def _xml_parser() -> lxml.etree.XMLParser:
    return lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
