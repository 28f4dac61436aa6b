"""Write the PDF content stream that draws an overlay on the page.

Text is drawn as outlines. Its characters lie over the outlines as invisible text, so that a reader can search,
copy and listen to it.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import (
    GlyphImagePlacement,
    Overlay,
    PaintedGlyphRun,
    QrCodePlacement,
    TextLine,
)
from certbeam.artwork.render.pdf_glyphless_font import FONT_RESOURCE, GLYPH_WIDTH
from certbeam.artwork.text.bidi import MIRRORED, embedding_levels, visual_order
from certbeam.artwork.text.outline import GlyphImage

_INVISIBLE = 3  # text rendering mode, ISO 32000-1 §9.3.6


def write_overlay(
    overlay: Overlay, matrix: Matrix, image_names: Mapping[GlyphImage, str] = MappingProxyType({})
) -> bytes:
    """Return the content stream of an overlay.

    Args:
        overlay: what to draw.
        matrix: transform from the template's user units to points.
        image_names: the resource name of each image.
    """
    # Screen readers and text selection follow the order of the stream, so lines go from top to bottom.
    lines = sorted(overlay.text_lines, key=lambda line: (line.y, line.x))
    return b"\n".join(
        [
            *(_draw_qr_code(placement, matrix @ placement.matrix) for placement in overlay.qr_codes),
            *(_fill_glyphs(run, matrix @ run.matrix) for run in overlay.glyph_runs),
            *(_draw_image(image, matrix @ image.matrix, image_names) for image in overlay.glyph_images),
            *(_show_invisible_text(line, matrix) for line in lines if line.text and line.width),
        ]
    )


def _draw_qr_code(placement: QrCodePlacement, matrix: Matrix) -> bytes:
    qr = placement.qr
    dark_modules = " ".join(f"{x} {y} {length} 1 re" for x, y, length in qr.dark_runs)
    white_box = f"1 1 1 rg 0 0 {qr.width} {qr.height} re f"
    return f"q {_operands(matrix)} cm {white_box} 0 0 0 rg {dark_modules} f Q".encode()


def _fill_glyphs(run: PaintedGlyphRun, matrix: Matrix) -> bytes:
    red, green, blue = run.color
    parts = [f"q {_operands(matrix)} cm {red:.4g} {green:.4g} {blue:.4g} rg".encode()]
    origin_x = origin_y = 0
    for outline, x, y in run.glyphs:
        parts.append(b"1 0 0 1 %d %d cm" % (x - origin_x, y - origin_y))
        parts.append(outline.pdf)
        origin_x, origin_y = x, y
    parts.append(b"Q")
    return b" ".join(parts)


def _draw_image(
    placement: GlyphImagePlacement, matrix: Matrix, image_names: Mapping[GlyphImage, str]
) -> bytes:
    to_unit_square = Matrix(d=-1, f=1)  # the first row of a PDF image is at the upper edge of the unit square
    return f"q {_operands(matrix @ to_unit_square)} cm {image_names[placement.image]} Do Q".encode()


def _show_invisible_text(line: TextLine, matrix: Matrix) -> bytes:
    """Return a text object as wide as the drawn line."""
    codes = _visual_text(line.text).encode("utf-16-be")
    horizontal_scaling = 100 * line.width / (len(codes) / 2 * GLYPH_WIDTH * line.font_size)
    cosine, sine = math.cos(math.radians(line.rotation)), math.sin(math.radians(line.rotation))
    text_matrix = _operands(matrix @ Matrix(cosine, sine, sine, -cosine, line.x, line.y))
    font = f"{_INVISIBLE} Tr {FONT_RESOURCE} {line.font_size:.4g} Tf {horizontal_scaling:.4g} Tz"
    return f"BT {font} {text_matrix} Tm <{codes.hex()}> Tj ET".encode()


def _visual_text(text: str) -> str:
    """Return a line in visual order, with mirrored brackets: viewers restore the logical order from this."""
    levels = embedding_levels(text)
    if not any(levels):
        return text
    mirrored = [
        MIRRORED.get(character, character) if level % 2 else character
        for character, level in zip(text, levels, strict=True)
    ]
    return "".join(mirrored[index] for index in visual_order(levels))


def _operands(matrix: Matrix) -> str:
    """Return the six operands of the ``cm`` and ``Tm`` operators."""
    numbers = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
    return " ".join(f"{number:.8f}".rstrip("0").rstrip(".") for number in numbers)
