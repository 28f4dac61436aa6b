"""Parse the attributes that position the characters of a text (SVG 1.1 §10.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from certbeam.artwork.svg.text_properties import parse_coordinates


@dataclass(frozen=True, eq=False)
class CharacterPositions:
    """Positions that the attributes of an element give to its characters.

    Attributes:
        x, y: absolute positions in user units.
        dx, dy: relative positions in user units.
        rotations: degrees.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    dx: tuple[float, ...] = ()
    dy: tuple[float, ...] = ()
    rotations: tuple[float, ...] = ()

    @property
    def is_per_character(self) -> bool:
        """True if they position more characters than the first."""
        return max(map(len, (self.x, self.y, self.dx, self.dy, self.rotations))) > 1

    def at(self, index: int) -> "CharacterPosition":
        """Return the position of the character with an index; the last rotation applies to all that follow."""
        rotation = _at(self.rotations, index)
        return CharacterPosition(
            _at(self.x, index),
            _at(self.y, index),
            _at(self.dx, index),
            _at(self.dy, index),
            _at(self.rotations, -1) if rotation is None else rotation,
        )


def _at(values: Sequence[float], index: int) -> float | None:
    return values[index] if values and index < len(values) else None


@dataclass(frozen=True)
class CharacterPosition:
    """Position that attributes give to one character; None for what they do not give.

    Attributes:
        x, y: absolute position in user units.
        dx, dy: relative position in user units.
        rotation: degrees.
    """

    x: float | None = None
    y: float | None = None
    dx: float | None = None
    dy: float | None = None
    rotation: float | None = None

    @property
    def is_given(self) -> bool:
        """True if the attributes give any part of the position."""
        return self != _NOT_GIVEN

    @property
    def values(self) -> Sequence[float | None]:
        """Its five parts."""
        return (self.x, self.y, self.dx, self.dy, self.rotation)


_NOT_GIVEN = CharacterPosition()


def parse_positions(element: etree._Element, viewport: tuple[float, float], em: float) -> CharacterPositions:
    """Parse the positions that an element declares.

    Args:
        element: a <text>, <tspan>, <textPath> or <a>.
        viewport: width and height to which percentages refer, in user units.
        em: the font size in user units.

    Raises:
        UnsupportedTextError: one of them is not a length.
    """
    width, height = viewport
    return CharacterPositions(
        x=parse_coordinates(element.get("x"), width, em),
        y=parse_coordinates(element.get("y"), height, em),
        dx=parse_coordinates(element.get("dx"), width, em),
        dy=parse_coordinates(element.get("dy"), height, em),
        rotations=parse_coordinates(element.get("rotate"), width, em),
    )
