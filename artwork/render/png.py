"""Write PNG images that share the static background of a template; only the rows that change are compressed again.

The rows of a PNG image are one zlib stream (RFC 1950). Here the stream is cut into bands of rows. The deflate blocks
of a band do not refer to other bands (RFC 1951), so a band without changes is copied.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import cairocffi
import PIL.Image

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import (
    GlyphImagePlacement,
    Overlay,
    PaintedGlyphRun,
    QrCodePlacement,
)
from certbeam.artwork.text.outline import Outline

_BAND_ROWS = 8
_BACKGROUND_LEVEL = 6  # zlib level of what is compressed once: level 9 takes five times as long and saves 2 %
_CHANGED_LEVEL = (
    1  # zlib level of what each certificate compresses: higher levels cost more time than they save
)
_ZLIB_HEADER = b"\x78\x01"
_FINAL_BLOCK = b"\x03\x00"  # an empty deflate block that ends the stream
_ADLER_MODULUS = 65521
_MAX_PATHS = 16_384


@dataclass(frozen=True)
class _Band:
    """Compressed band of rows.

    Attributes:
        chunk: a whole IDAT chunk.
        adler: the Adler-32 checksum of the uncompressed rows.
        size: the length of the uncompressed rows in bytes.
    """

    chunk: bytes
    adler: int
    size: int


class PngBackground:
    """Static background of a template as a bitmap and as compressed bands.

    Attributes:
        size: size in bytes, for a cache that is bounded in bytes.
    """

    def __init__(self, image: PIL.Image.Image, matrix: Matrix) -> None:
        """Copy and compress an image.

        Args:
            image: the static background, as RGB on white.
            matrix: transform from the template's user units to pixels.
        """
        self._width, self._height = image.size
        self._stride = cairocffi.ImageSurface.format_stride_for_width(cairocffi.FORMAT_RGB24, self._width)
        self._matrix = matrix
        bitmap = image.tobytes("raw", "BGRX", self._stride)
        unique: dict[bytes, bytes] = {}  # equal bands, such as blank ones, share their memory
        self._pixels = [unique.setdefault(pixels, pixels) for pixels in self._split_bands(bitmap)]
        self._bands = [self._compress_band(pixels, _BACKGROUND_LEVEL) for pixels in self._pixels]
        self.size = sum(map(len, unique)) + sum(len(band.chunk) for band in self._bands)

    def render(self, overlay: Overlay) -> bytes:
        """Return a PNG file of the background with an overlay drawn over it; invisible text is left out."""
        pixels = bytearray().join(self._pixels)
        surface = cairocffi.ImageSurface.create_for_data(
            pixels, cairocffi.FORMAT_RGB24, self._width, self._height, self._stride
        )
        _draw_overlay(cairocffi.Context(surface), overlay, self._matrix)
        surface.flush()
        bands = [
            band if changed == unchanged else self._compress_band(changed, _CHANGED_LEVEL)
            for changed, unchanged, band in zip(
                self._split_bands(pixels), self._pixels, self._bands, strict=True
            )
        ]
        return self._png_file(bands)

    def _split_bands(self, pixels: bytes | bytearray) -> list[bytes]:
        step = _BAND_ROWS * self._stride
        return [bytes(pixels[start : start + step]) for start in range(0, len(pixels), step)]

    def _compress_band(self, pixels: bytes, level: int) -> _Band:
        size = (self._width, len(pixels) // self._stride)
        rgb = PIL.Image.frombuffer("RGB", size, pixels, "raw", "BGRX", self._stride, 1).tobytes()
        row = 3 * self._width
        rows = b"".join(b"\0" + rgb[start : start + row] for start in range(0, len(rgb), row))
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = deflate.compress(rows) + deflate.flush(zlib.Z_FULL_FLUSH)
        return _Band(_chunk(b"IDAT", data), zlib.adler32(rows), len(rows))

    def _png_file(self, bands: list[_Band]) -> bytes:
        whole = reduce(_combine_checksums, bands)
        header = struct.pack(">IIBBBBB", self._width, self._height, 8, 2, 0, 0, 0)  # 8 bits, RGB
        return b"".join(
            [
                b"\x89PNG\r\n\x1a\n",
                _chunk(b"IHDR", header),
                _chunk(b"IDAT", _ZLIB_HEADER),
                *(band.chunk for band in bands),
                _chunk(b"IDAT", _FINAL_BLOCK + struct.pack(">I", whole.adler)),
                _chunk(b"IEND", b""),
            ]
        )


def _combine_checksums(first: _Band, second: _Band) -> _Band:
    """Return the checksum and the size of two consecutive bands; the result has no chunk.

    This is ``adler32_combine`` of zlib, which Python does not expose.
    """
    low, high = first.adler & 0xFFFF, first.adler >> 16
    sum_low = (low + (second.adler & 0xFFFF) - 1) % _ADLER_MODULUS
    sum_high = (high + (second.adler >> 16) + second.size * (low - 1)) % _ADLER_MODULUS
    return _Band(b"", sum_high << 16 | sum_low, first.size + second.size)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _draw_overlay(context: cairocffi.Context, overlay: Overlay, matrix: Matrix) -> None:
    for placement in overlay.qr_codes:
        _draw_qr_code(context, placement, matrix @ placement.matrix)
    for run in overlay.glyph_runs:
        _fill_glyphs(context, run, matrix @ run.matrix)
    for image in overlay.glyph_images:
        _draw_glyph_image(context, image, matrix @ image.matrix)


def _draw_qr_code(context: cairocffi.Context, placement: QrCodePlacement, matrix: Matrix) -> None:
    qr = placement.qr
    context.set_matrix(_cairo_matrix(matrix))
    context.rectangle(0, 0, qr.width, qr.height)
    context.set_source_rgb(1, 1, 1)
    context.fill()
    for x, y, length in qr.dark_runs:
        context.rectangle(x, y, length, 1)
    context.set_source_rgb(0, 0, 0)
    context.fill()


def _fill_glyphs(context: cairocffi.Context, run: PaintedGlyphRun, matrix: Matrix) -> None:
    for outline, x, y in run.glyphs:
        context.set_matrix(_cairo_matrix(matrix @ Matrix(e=x, f=y)))
        cairocffi.cairo.cairo_append_path(context._pointer, _cairo_path(outline))
    context.set_source_rgb(*run.color)
    context.fill()


def _draw_glyph_image(context: cairocffi.Context, placement: GlyphImagePlacement, matrix: Matrix) -> None:
    surface = cairocffi.ImageSurface.create_from_png(io.BytesIO(placement.image.png))
    context.set_matrix(_cairo_matrix(matrix @ Matrix(a=1 / surface.get_width(), d=1 / surface.get_height())))
    context.set_source_surface(surface)
    context.get_source().set_filter(cairocffi.FILTER_GOOD)
    context.paint()


@lru_cache(_MAX_PATHS)
def _cairo_path(outline: Outline) -> Any:
    """Return an outline as a ``cairo_path_t``, built once, which cairo appends in one call (cairocffi's CFFI)."""
    context = cairocffi.Context(cairocffi.ImageSurface(cairocffi.FORMAT_A8, 1, 1))
    draw = {"M": context.move_to, "L": context.line_to, "C": context.curve_to}
    for operator, *points in outline.cubic_segments:
        if operator == "Z":
            context.close_path()
        else:
            draw[operator](*(number for point in points for number in point))
    path = cairocffi.cairo.cairo_copy_path(context._pointer)
    return cairocffi.ffi.gc(path, cairocffi.cairo.cairo_path_destroy)


def _cairo_matrix(matrix: Matrix) -> cairocffi.Matrix:
    return cairocffi.Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
