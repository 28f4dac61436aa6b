"""Baking: the credential inside of the picture that a person prints (Open Badges 3.0 §5.3)."""

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
_KEPT_BYTES = 16_000_000

# What may stand in JSON and not in a CDATA section: its end, and the two code points that XML forbids.
_NOT_IN_CDATA = {b"]]>": b"]]\\u003e", b"\xef\xbf\xbe": b"\\ufffe", b"\xef\xbf\xbf": b"\\uffff"}

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\0\0\0\0IEND\xae\x42\x60\x82"
# Keyword, no compression, no language, no translated keyword.
_PNG_KEYWORD = b"openbadgecredential" + b"\0" * 5


def bake_svg(svg: Sequence[bytes], credential: bytes) -> tuple[bytes, ...]:
    """An SVG with a credential as the first child of its root.

    Args:
        svg: the document's parts, one after another.
        credential: JSON in UTF-8.

    Raises:
        ValueError: when ``svg`` does not begin with an ``svg`` element.
    """
    start, rest, others = _open_root(svg)
    for text, escaped in _NOT_IN_CDATA.items():
        credential = credential.replace(text, escaped)
    element = b"".join((b"><openbadges:credential><![CDATA[", credential, b"]]></openbadges:credential>"))
    return (start, _NAMESPACE, element, rest, *others)


def _open_root(svg: Sequence[bytes]) -> tuple[bytes, bytes, Sequence[bytes]]:
    """What stands before the end of the root's start tag, what stands behind it, and the parts that follow."""
    for count in range(1, len(svg) + 1):
        # The certificates of a template begin with the same part; what is filled into a start tag differs.
        split = _split_same if count == 1 else _split_root
        with contextlib.suppress(ValueError):
            return (*split(b"".join(svg[:count])), svg[count:])
    raise ValueError(_NO_ROOT)


def _split_root(head: bytes) -> tuple[bytes, bytes]:
    root = _ROOT.match(head)
    if root is None:
        raise ValueError(_NO_ROOT)
    return head[: root.start(1)], head[root.end(1) :]


_split_same = cachetools.cached(
    cachetools.LRUCache(_KEPT_BYTES, getsizeof=lambda split: sum(map(len, split))),
    key=lambda head: head,
    lock=threading.Lock(),
)(_split_root)


def bake_png(png: bytes, credential: bytes) -> bytes:
    """A PNG with a credential, given as JSON in UTF-8, in an uncompressed iTXt chunk.

    Raises:
        ValueError: when ``png`` is not a PNG.
    """
    if not (png.startswith(_PNG_SIGNATURE) and png.endswith(_PNG_END)):
        raise ValueError("the certificate's picture is not a PNG")
    body = b"iTXt" + _PNG_KEYWORD + credential
    chunk = struct.pack("!I", len(body) - 4) + body + struct.pack("!I", zlib.crc32(body))
    return png[: -len(_PNG_END)] + chunk + _PNG_END


_PNG_CHUNK = b"iTXtopenbadgecredential\0"


_SVG_ELEMENT = ".//{https://purl.imsglobal.org/ob/v3p0}credential"


def baked_credential(picture: bytes) -> str | None:
    """The credential in an SVG or PNG, None where there is none.

    Raises:
        ValueError: when it is neither, or has two: another reader may take the other one.
    """
    try:
        if picture.startswith(b"\x89PNG"):
            found = baking.extract_png(picture, keyword=baking.ITXT_KEYWORD_OB3)
            baked = picture.count(_PNG_CHUNK)
        else:
            found = baking.extract_svg(picture, element=baking.SVG_ELEMENT_OB3, text_fallback=True)
            baked = len(lxml.etree.fromstring(picture, _xml_parser()).findall(_SVG_ELEMENT)) if found else 0
    except Exception as error:
        # The library passes on what its XML and PNG readers raise, of many kinds.
        raise ValueError(f"the picture cannot be read: {error}") from error
    if baked > 1:
        raise ValueError("more than one credential is baked into the picture")
    return found


def _xml_parser() -> lxml.etree.XMLParser:
    return lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
