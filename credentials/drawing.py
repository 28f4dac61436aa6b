"""What is drawn for one certificate over its template's constant part, in terms that PNG and PDF share."""

from dataclasses import dataclass

from certbeam.credentials.qr import QrCode
from certbeam.credentials.text.outline import Outline

PNG_WIDTH = 1600
"""How many pixels wide a certificate is drawn where nothing else is asked for."""

Color = tuple[float, float, float]  # red, green, blue, from 0 to 1


@dataclass(frozen=True)
class Matrix:
    """An affine transform: x' = a·x + c·y + e, y' = b·x + d·y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def __matmul__(self, inner: "Matrix") -> "Matrix":
        """The transform that applies ``inner`` first."""
        return Matrix(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            self.a * inner.e + self.c * inner.f + self.e,
            self.b * inner.e + self.d * inner.f + self.f,
        )


def fit(width: float, height: float, x: float, y: float, room_width: float, room_height: float) -> Matrix:
    """The transform that fits a box at the origin into a place, as large as it goes, in its middle."""
    scale = min(room_width / width, room_height / height)
    left = x + (room_width - width * scale) / 2
    top = y + (room_height - height * scale) / 2
    return Matrix(a=scale, d=scale, e=left, f=top)


@dataclass(frozen=True)
class Ink:
    """Glyphs in one colour.

    Attributes:
        color: what they are filled with.
        matrix: from the outlines' units (y pointing up) to the template's.
        glyphs: the outline of each and the position of its origin.
    """

    color: Color
    matrix: Matrix
    glyphs: tuple[tuple[Outline, int, int], ...]


@dataclass(frozen=True)
class Code:
    """A QR code, black on white.

    Attributes:
        matrix: from modules to the template's units.
        qr: the code.
    """

    matrix: Matrix
    qr: QrCode


@dataclass(frozen=True)
class Words:
    """A line of text as characters, for search and copy.

    Attributes:
        text: in logical order.
        x, y: the left end of its baseline, in the template's units.
        width: what it takes.
        size: its font size.
        turn: by how many degrees it is turned clockwise about that end.
    """

    text: str
    x: float
    y: float
    width: float
    size: float
    turn: float = 0.0


@dataclass(frozen=True)
class Overlay:
    """Everything that is drawn for one certificate, in order."""

    codes: tuple[Code, ...] = ()
    inks: tuple[Ink, ...] = ()
    words: tuple[Words, ...] = ()

    def __add__(self, other: "Overlay") -> "Overlay":
        return Overlay(self.codes + other.codes, self.inks + other.inks, self.words + other.words)
