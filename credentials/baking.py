"""Baking: the credential inside of the picture that a person prints (Open Badges 3.0 §5.3)."""

import re
import struct
import zlib

_ROOT = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*<svg(?=[\s>])(?:[^"'<>/]|"[^"]*"|'[^']*')*(>)""",
    re.DOTALL,
)
_NAMESPACE = b' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'

# What may stand in JSON and not in a CDATA section: its end, and the two code points that XML forbids.
_NOT_IN_CDATA = {b"]]>": b"]]\\u003e", b"\xef\xbf\xbe": b"\\ufffe", b"\xef\xbf\xbf": b"\\uffff"}

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\0\0\0\0IEND\xae\x42\x60\x82"
# Keyword, no compression, no language, no translated keyword.
_PNG_KEYWORD = b"openbadgecredential" + b"\0" * 5


def bake_svg(svg: bytes, credential: bytes) -> bytes:
    """An SVG with a credential, given as JSON in UTF-8, as the first child of its root.

    Raises:
        ValueError: when ``svg`` does not begin with an ``svg`` element.
    """
    root = _ROOT.match(svg)
    if root is None:
        raise ValueError("the certificate's picture does not begin with an svg element")
    end = root.start(1)
    for text, escaped in _NOT_IN_CDATA.items():
        credential = credential.replace(text, escaped)
    return b"".join(
        (
            svg[:end],
            _NAMESPACE,
            b"><openbadges:credential><![CDATA[",
            credential,
            b"]]></openbadges:credential>",
            memoryview(svg)[end + 1 :],
        )
    )


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
