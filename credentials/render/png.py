"""PNG images that share a constant part: only the rows that differ are compressed for each certificate.

A PNG's rows are one zlib stream, cut here into bands that do not refer to one another (RFC 1950, RFC 1951).
"""

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import cairocffi
import PIL.Image

from certbeam.credentials.drawing import Ink, Matrix, Overlay
from certbeam.credentials.text.outline import Outline

_BAND_ROWS = 8
_CONSTANT_LEVEL = 9  # compressed once
_FRESH_LEVEL = 1  # compressed for each certificate: higher levels take longer than they are worth
_ZLIB_HEADER = b"\x78\x01"
_LAST_BLOCK = b"\x03\x00"  # an empty deflate block that ends the stream
_ADLER_BASE = 65521


@dataclass(frozen=True)
class _Band:
    """Some rows of the image, compressed.

    Attributes:
        chunk: a whole IDAT chunk.
        adler: the Adler-32 checksum of the rows.
        size: the length of the rows.
    """

    chunk: bytes
    adler: int
    size: int


class PngBase:
    """The constant part of a template, ready to be drawn over."""

    def __init__(self, surface: cairocffi.ImageSurface, matrix: Matrix) -> None:
        """Take a bitmap over.

        Args:
            surface: the constant part, on white.
            matrix: from the template's units to pixels.
        """
        surface.flush()
        self._width, self._height = surface.get_width(), surface.get_height()
        self._stride = surface.get_stride()
        self._matrix = matrix
        known: dict[bytes, bytes] = {}  # blank bands are held once
        self._rows = [known.setdefault(rows, rows) for rows in self._cut(bytes(surface.get_data()))]
        self._bands = [self._band(rows, _CONSTANT_LEVEL) for rows in self._rows]
        self.size = sum(map(len, known)) + sum(len(band.chunk) for band in self._bands)

    def with_overlay(self, overlay: Overlay) -> bytes:
        """The image with something drawn over it, as a PNG file."""
        pixels = bytearray().join(self._rows)
        surface = cairocffi.ImageSurface.create_for_data(
            pixels, cairocffi.FORMAT_RGB24, self._width, self._height, self._stride
        )
        _draw(cairocffi.Context(surface), overlay, self._matrix)
        surface.flush()
        drawn = self._cut(pixels)
        bands = [
            band if rows == before else self._band(rows, _FRESH_LEVEL)
            for rows, before, band in zip(drawn, self._rows, self._bands, strict=True)
        ]
        return self._file(bands)

    def _cut(self, pixels: bytes | bytearray) -> list[bytes]:
        """The bands' pixels."""
        step = _BAND_ROWS * self._stride
        return [bytes(pixels[start : start + step]) for start in range(0, len(pixels), step)]

    def _band(self, pixels: bytes, level: int) -> _Band:
        size = (self._width, len(pixels) // self._stride)
        rgb = PIL.Image.frombuffer("RGB", size, pixels, "raw", "BGRX", self._stride, 1).tobytes()
        row = 3 * self._width
        rows = b"".join(b"\0" + rgb[start : start + row] for start in range(0, len(rgb), row))
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = deflate.compress(rows) + deflate.flush(zlib.Z_FULL_FLUSH)
        return _Band(_chunk(b"IDAT", data), zlib.adler32(rows), len(rows))

    def _file(self, bands: list[_Band]) -> bytes:
        whole = reduce(_joined, bands)
        header = struct.pack(">IIBBBBB", self._width, self._height, 8, 2, 0, 0, 0)  # 8 bits, RGB
        return b"".join(
            [
                b"\x89PNG\r\n\x1a\n",
                _chunk(b"IHDR", header),
                _chunk(b"IDAT", _ZLIB_HEADER),
                *(band.chunk for band in bands),
                _chunk(b"IDAT", _LAST_BLOCK + struct.pack(">I", whole.adler)),
                _chunk(b"IEND", b""),
            ]
        )


def _joined(first: _Band, second: _Band) -> _Band:
    """The checksum of two bands after one another, from those of each."""
    low, high = first.adler & 0xFFFF, first.adler >> 16
    sum_low = (low + (second.adler & 0xFFFF) - 1) % _ADLER_BASE
    sum_high = (high + (second.adler >> 16) + second.size * (low - 1)) % _ADLER_BASE
    return _Band(b"", sum_high << 16 | sum_low, first.size + second.size)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _draw(context: cairocffi.Context, overlay: Overlay, matrix: Matrix) -> None:
    for code in overlay.codes:
        context.set_matrix(_cairo(matrix @ code.matrix))
        context.rectangle(0, 0, code.qr.width, code.qr.height)
        context.set_source_rgb(1, 1, 1)
        context.fill()
        for x, y, length in code.qr.runs:
            context.rectangle(x, y, length, 1)
        context.set_source_rgb(0, 0, 0)
        context.fill()
    for ink in overlay.inks:
        _draw_ink(context, ink, matrix @ ink.matrix)


def _draw_ink(context: cairocffi.Context, ink: Ink, matrix: Matrix) -> None:
    for outline, x, y in ink.glyphs:
        context.set_matrix(_cairo(matrix @ Matrix(e=x, f=y)))
        cairocffi.cairo.cairo_append_path(context._pointer, _path(outline))
    context.set_source_rgb(*ink.color)
    context.fill()


@lru_cache(maxsize=16_384)
def _path(outline: Outline) -> Any:
    """An outline as a cairo_path_t (cairocffi's CFFI interface): drawn once, then appended as a whole."""
    context = cairocffi.Context(cairocffi.ImageSurface(cairocffi.FORMAT_A8, 1, 1))
    draw = {"M": context.move_to, "L": context.line_to, "C": context.curve_to}
    for operator, *points in outline.cubic:
        if operator == "Z":
            context.close_path()
        else:
            draw[operator](*(number for point in points for number in point))
    path = cairocffi.cairo.cairo_copy_path(context._pointer)
    return cairocffi.ffi.gc(path, cairocffi.cairo.cairo_path_destroy)


def _cairo(matrix: Matrix) -> cairocffi.Matrix:
    return cairocffi.Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
