"""Open the content of a font file, also a compressed one (WOFF and WOFF 2), with a bound of its size."""

import io
import struct
import zlib
from collections.abc import Iterator
from functools import partial

import brotli
import uharfbuzz
from fontTools.misc import sstruct
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.woff2 import WOFF2DirectoryEntry, woff2DirectoryFormat, woff2DirectorySize

from certbeam.artwork.text.font_face import FontFace, describe_face

MAX_FONT_SIZE = 30 * 1024 * 1024
"""Largest size of a decompressed font in bytes, as in Chromium."""

_WOFF_HEADER = struct.Struct(">4s4sLHHLHHLLLLL")  # WOFF 1.0 §3
_WOFF_ENTRY = struct.Struct(">4sLLLL")  # tag, offset, compressed length, length, checksum
_MAX_TABLES = 256
_SIGNATURES = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf")
# Errors with which fontTools reports damaged data.
_READ_ERRORS = (
    TTLibError,
    sstruct.Error,
    struct.error,
    zlib.error,
    brotli.error,
    ValueError,
    LookupError,
    AssertionError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
)


class FontFileError(Exception):
    """A font file cannot be used. The message says why."""


def open_font_file(content: bytes) -> FontFace:
    """Return the face of a font file, or the first face of a collection.

    Args:
        content: a TrueType or OpenType font, a collection, or a font in WOFF or WOFF 2.

    Raises:
        FontFileError: the file is damaged, too large or not a font.
    """
    blob = uharfbuzz.Blob(_decompress(content))
    face = uharfbuzz.Face(blob)
    if not face.glyph_count or not face.upem:
        raise FontFileError("it is damaged")
    return describe_face(face, partial(uharfbuzz.Face, blob))


def _decompress(content: bytes) -> bytes:
    """Return the content of a font file without compression."""
    signature = content[:4]
    if signature in _SIGNATURES:
        _check_size(len(content))
        return content
    if signature not in (b"wOFF", b"wOF2"):
        raise FontFileError("it is not a font in TrueType, OpenType, WOFF or WOFF 2")
    try:
        _check_woff(content) if signature == b"wOFF" else _check_woff2(content)
        font = TTFont(io.BytesIO(content), recalcBBoxes=False, recalcTimestamp=False)
        font.flavor = None
        output = io.BytesIO()
        font.save(output, reorderTables=None)
    except _READ_ERRORS as error:
        raise FontFileError("it is damaged") from error
    return output.getvalue()


def _check_size(size: int) -> None:
    if size > MAX_FONT_SIZE:
        raise FontFileError(f"it has more than {MAX_FONT_SIZE >> 20} MB without compression")


def _check_woff(content: bytes) -> None:
    """Check the declared and the real sizes of the tables, before anything is decompressed as a whole."""
    entries = list(_read_woff_entries(content))
    _check_size(sum(length for _, _, length in entries))
    for offset, compressed_length, length in entries:
        data = content[offset : offset + compressed_length]
        if compressed_length < length:
            data = zlib.decompressobj().decompress(data, length + 1)
        if len(data) != length:
            raise FontFileError("it is damaged")


def _read_woff_entries(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield offset, compressed length and length of each table."""
    count = _WOFF_HEADER.unpack_from(content)[4]
    if count > _MAX_TABLES:
        raise FontFileError("it is damaged")
    for index in range(count):
        _, offset, compressed_length, length, _ = _WOFF_ENTRY.unpack_from(
            content, _WOFF_HEADER.size + index * _WOFF_ENTRY.size
        )
        yield offset, compressed_length, length


def _check_woff2(content: bytes) -> None:
    """Check the declared sizes of the tables and the real size of their compressed stream."""
    file = io.BytesIO(content)
    header = sstruct.unpack(woff2DirectoryFormat, file.read(woff2DirectorySize))
    if header["numTables"] > _MAX_TABLES:
        raise FontFileError("it is damaged")
    entries = [WOFF2DirectoryEntry() for _ in range(header["numTables"])]
    for entry in entries:
        entry.fromFile(file)
    _check_size(sum(entry.origLength for entry in entries))
    size = sum(entry.length for entry in entries)
    _check_size(size)
    compressed = file.read(header["totalCompressedSize"])
    if len(brotli.Decompressor().process(compressed, output_buffer_limit=size + 1)) > size:
        raise FontFileError("it is damaged")
