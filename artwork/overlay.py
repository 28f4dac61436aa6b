"""Define the overlay: what is drawn for one certificate over the static background of its template.

The PNG renderer and the PDF renderer draw the same overlay.
"""

from dataclasses import dataclass

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.qr.qr_code import QrCode
from certbeam.artwork.text.outline import GlyphImage, PositionedGlyph

Color = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""


@dataclass(frozen=True)
class PaintedGlyphRun:
    """Glyph run filled with one colour.

    Attributes:
        color: the fill colour.
        matrix: the transform from outline units (y pointing up) to the template's user units.
        glyphs: the outline of each glyph and its origin, in outline units.
    """

    color: Color
    matrix: Matrix
    glyphs: tuple[PositionedGlyph, ...]


@dataclass(frozen=True)
class GlyphImagePlacement:
    """Glyph that is an image, such as an emoji in colour, at its position in the template.

    Attributes:
        matrix: the transform from the unit square (y pointing down) to the template's user units.
        image: the image that fills the square.
    """

    matrix: Matrix
    image: GlyphImage


@dataclass(frozen=True)
class QrCodePlacement:
    """QR code, black on white, at its position in the template.

    Attributes:
        matrix: the transform from modules to the template's user units.
        qr: the QR code.
    """

    matrix: Matrix
    qr: QrCode


@dataclass(frozen=True)
class TextLine:
    """Line of the invisible text layer, which makes a PDF searchable and its text copyable.

    All lengths are in the template's user units.

    Attributes:
        text: the characters in logical order.
        x, y: the left end of the baseline.
        width: the width of the drawn line.
        font_size: the font size.
        rotation: degrees clockwise about the left end of the baseline.
        continues: True if it continues the paragraph of the line before it.
    """

    text: str
    x: float
    y: float
    width: float
    font_size: float
    rotation: float = 0.0
    continues: bool = False


@dataclass(frozen=True)
class Overlay:
    """Everything that is drawn for one certificate: QR codes, then glyph runs, glyph images and invisible text."""

    qr_codes: tuple[QrCodePlacement, ...] = ()
    glyph_runs: tuple[PaintedGlyphRun, ...] = ()
    text_lines: tuple[TextLine, ...] = ()
    glyph_images: tuple[GlyphImagePlacement, ...] = ()

    def __add__(self, other: "Overlay") -> "Overlay":
        return Overlay(
            self.qr_codes + other.qr_codes,
            self.glyph_runs + other.glyph_runs,
            self.text_lines + other.text_lines,
            self.glyph_images + other.glyph_images,
        )
