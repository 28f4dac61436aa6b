"""Open the content of a font file, also a compressed one (WOFF and WOFF 2), with a bound of its size."""

import io
import struct
import zlib
from collections.abc import Iterator
from functools import partial
from itertools import islice

import brotli
import uharfbuzz
from fontTools.misc import sstruct
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.woff2 import WOFF2DirectoryEntry, woff2DirectoryFormat, woff2DirectorySize

from certbeam.artwork.text.font_face import FontFace, describe_face

MAX_FONT_SIZE = 30 * 1024 * 1024
"""Largest size of a decompressed font in bytes, as in Chromium."""

# Bounds for WOFF 2, whose outlines take 1 second a megabyte: fonts become about three times as large.
_MAX_WOFF2_RATIO = 10
_MIN_WOFF2_BOUND = 1024 * 1024

_SFNT_HEADER = struct.Struct(">4xH6x")  # number of tables (OpenType specification, Table Directory)
_SFNT_ENTRY = struct.Struct(">8xLL")  # offset and length of a table
_WOFF_HEADER = struct.Struct(">4s4sLHHLHHLLLLL")  # WOFF 1.0 §3
_WOFF_ENTRY = struct.Struct(">4sLLLL")  # tag, offset, compressed length, length, checksum
_MAX_TABLES = 256
_MAX_SAMPLES = 200  # characters of a font
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
    return open_font(decompress_font(content, MAX_FONT_SIZE))


def open_font(content: bytes) -> FontFace:
    """Return the face of a font without compression, or the first face of a collection.

    Raises:
        FontFileError: the font is damaged.
    """
    blob = uharfbuzz.Blob(content)
    face = uharfbuzz.Face(blob)
    if not face.glyph_count or not _has_visible_glyph(face):
        raise FontFileError("it is damaged")
    try:
        return describe_face(face, partial(uharfbuzz.Face, blob))
    except UnicodeDecodeError as error:  # the tag of a variation axis
        raise FontFileError("it is damaged") from error


def _is_complete(content: bytes) -> bool:
    """Return True if all tables of a font are within its file."""
    entries = content[_SFNT_HEADER.size :]
    count = _SFNT_HEADER.unpack_from(content)[0] if len(content) >= _SFNT_HEADER.size else 0
    if not count or len(entries) < count * _SFNT_ENTRY.size:
        return False
    tables = [_SFNT_ENTRY.unpack_from(entries, index * _SFNT_ENTRY.size) for index in range(count)]
    return all(offset + length <= len(content) for offset, length in tables)


def _has_visible_glyph(face: uharfbuzz.Face) -> bool:
    """Return True if one of the first characters has a glyph that is not empty: HarfBuzz ignores damaged tables."""
    font = uharfbuzz.Font(face)
    characters = islice(face.unicodes, _MAX_SAMPLES)
    extents = (font.get_glyph_extents(font.get_nominal_glyph(character) or 0) for character in characters)
    return any(extent is not None and extent.width for extent in extents)


def decompress_font(content: bytes, max_size: int) -> bytes:
    """Return the content of a font file without compression.

    Args:
        content: the file.
        max_size: largest size of the result in bytes.

    Raises:
        FontFileError: the file is damaged, too large or not a font.
    """
    signature = content[:4]
    if signature in _SIGNATURES:
        _check_size(len(content), max_size)
        if signature != b"ttcf" and not _is_complete(content):
            raise FontFileError("it is damaged")
        return content
    if signature not in (b"wOFF", b"wOF2"):
        raise FontFileError("it is not a font in TrueType, OpenType, WOFF or WOFF 2")
    try:
        if signature == b"wOFF":
            _check_woff(content, max_size)
        else:
            _check_woff2(content, min(max_size, max(_MIN_WOFF2_BOUND, len(content) * _MAX_WOFF2_RATIO)))
        font = TTFont(io.BytesIO(content), recalcBBoxes=False, recalcTimestamp=False)
        font.flavor = None
        output = io.BytesIO()
        font.save(output, reorderTables=None)
    except _READ_ERRORS as error:
        raise FontFileError("it is damaged") from error
    return output.getvalue()


def _check_size(size: int, max_size: int) -> None:
    if size > max_size:
        raise FontFileError(f"it has more than {max_size / (1 << 20):.0f} MB without compression")


def _check_woff(content: bytes, max_size: int) -> None:
    """Check the declared and the real sizes of the tables, before anything is decompressed as a whole."""
    entries = list(_read_woff_entries(content))
    _check_size(sum(length for _, _, length in entries), max_size)
    for offset, compressed_length, length in entries:
        data = content[offset : offset + compressed_length]
        if compressed_length < length:
            data = zlib.decompressobj().decompress(data, length + 1)
        if len(data) != length:
            raise FontFileError("it is damaged")


def _read_woff_entries(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield offset, compressed length and length of each table."""
    count = _WOFF_HEADER.unpack_from(content)[3]
    if count > _MAX_TABLES:
        raise FontFileError("it is damaged")
    for index in range(count):
        _, offset, compressed_length, length, _ = _WOFF_ENTRY.unpack_from(
            content, _WOFF_HEADER.size + index * _WOFF_ENTRY.size
        )
        yield offset, compressed_length, length


def _check_woff2(content: bytes, max_size: int) -> None:
    """Check the declared sizes of the tables and the real size of their compressed stream."""
    file = io.BytesIO(content)
    header = sstruct.unpack(woff2DirectoryFormat, file.read(woff2DirectorySize))
    if header["numTables"] > _MAX_TABLES:
        raise FontFileError("it is damaged")
    entries = [WOFF2DirectoryEntry() for _ in range(header["numTables"])]
    for entry in entries:
        entry.fromFile(file)
    _check_size(sum(entry.origLength for entry in entries), max_size)
    size = sum(entry.length for entry in entries)
    _check_size(size, max_size)
    compressed = file.read(header["totalCompressedSize"])
    if len(brotli.Decompressor().process(compressed, output_buffer_limit=size + 1)) > size:
        raise FontFileError("it is damaged")
