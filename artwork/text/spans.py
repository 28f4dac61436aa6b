"""Define pieces of text and their styles, which are the input of shaping."""

from dataclasses import dataclass
from enum import Enum

from certbeam.artwork.text.font_face import NORMAL_STRETCH
from certbeam.artwork.text.fonts import FontQuery


class Orientation(Enum):
    """Orientation of the letters of a line (CSS Writing Modes 4); all but the first are for vertical lines."""

    HORIZONTAL = "horizontal"
    MIXED = "mixed"
    UPRIGHT = "upright"
    SIDEWAYS = "sideways"


@dataclass(frozen=True)
class TextStyle:
    """Style of a piece of text.

    Attributes:
        size: font size in user units.
        families: CSS font families, the preferred one first.
        weight: CSS font weight, from 1 to 1000.
        italic: True if the text is italic.
        letter_spacing: extra space after each letter, in user units.
        word_spacing: extra width of each space, in user units.
        features: OpenType feature tags with their values.
        stretch: CSS ``font-stretch`` in per cent.
    """

    size: float
    families: tuple[str, ...] = ()
    weight: int = 400
    italic: bool = False
    letter_spacing: float = 0.0
    word_spacing: float = 0.0
    features: tuple[tuple[str, int], ...] = ()
    stretch: float = NORMAL_STRETCH

    def query(self, script: str, language: str, *, has_optical_size: bool = False) -> FontQuery:
        """Return the font that text in this style needs.

        Args:
            script: ISO 15924 code.
            language: BCP 47 tag.
            has_optical_size: True if a font has an axis for the optical size.
        """
        size = self.size if has_optical_size else 0.0
        return FontQuery(self.families, self.weight, self.italic, script, language, self.stretch, size)


@dataclass(frozen=True)
class Decoration:
    """Line that an element draws at its text.

    Attributes:
        kind: ``underline``, ``overline`` or ``line-through``.
        thickness: in user units, at the font size of the element.
        pattern: ``solid``, ``double``, ``dotted``, ``dashed`` or ``wavy``.
        skips_ink: True if the line leaves room for descenders.
        paint: index of the paint; None for that of the text.
        pixel: size of a pixel in user units, to which browsers round distances.
    """

    kind: str
    thickness: float
    pattern: str = "solid"
    skips_ink: bool = True
    paint: int | None = None
    pixel: float = 1.0


@dataclass(frozen=True)
class Span:
    """Piece of text in one style.

    Attributes:
        text: the characters in logical order.
        style: their style.
        x: start in user units from the start of the line; None if the span follows the text before it.
        dx: offset along the line in user units; it also moves all that follows.
        baseline_offset: distance of the baseline below that of the line, in user units.
        rotation: degrees clockwise by which each letter is rotated about its origin on the baseline.
        decorations: lines at the text.
        paint: index of its paint.
        is_isolated: True if its direction does not affect the text around it.
    """

    text: str
    style: TextStyle
    x: float | None = None
    dx: float = 0.0
    baseline_offset: float = 0.0
    rotation: float = 0.0
    decorations: tuple[Decoration, ...] = ()
    paint: int = 0
    is_isolated: bool = False
