"""Build the text chunks of a <text> element, and track the current text position."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from certbeam.artwork.svg.text_properties import UnsupportedTextError
from certbeam.artwork.template.text_chunks import TextChunk, TextSpan
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import Anchor


@dataclass(frozen=True)
class CharacterPositions:
    """Positions that the attributes of an element give to its characters.

    Attributes:
        x, y: absolute positions in user units.
        dx, dy: relative positions in user units.
        rotations: degrees.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    dx: tuple[float, ...]
    dy: tuple[float, ...]
    rotations: tuple[float, ...]

    @property
    def is_per_character(self) -> bool:
        """True if they position more characters than the first."""
        return max(map(len, (self.x, self.y, self.dx, self.dy, self.rotations))) > 1


@dataclass
class ChunkBuilder:
    """Builder of text chunks, with the current text position (SVG 1.1 §10.4).

    Attributes:
        chunks: the chunks so far.
        line_offset: how far the position is below the baseline of its chunk, because of y and dy.
        baseline_shift: how far it is below that, because of baseline-shift.
        start: how far it is from the start of its chunk; None if it follows the character before it.
        shift: how far it is moved from there.
        rotation: by how many degrees the next character is rotated.
        is_after_path: True after the end of a <textPath>.
    """

    chunks: list[TextChunk] = field(default_factory=list)
    line_offset: float = 0.0
    baseline_shift: float = 0.0
    start: float | None = None
    shift: float = 0.0
    rotation: float = 0.0
    is_after_path: bool = False

    @property
    def y(self) -> float:
        """The y coordinate of the current line, in user units."""
        return self.chunks[-1].position.y + self.line_offset if self.chunks else 0.0

    def begin_chunk(self, chunk: TextChunk) -> None:
        """Begin a chunk, and move the current text position to its start."""
        self.chunks.append(chunk)
        self.line_offset = self.shift = 0.0
        self.start = None

    def move(self, positions: CharacterPositions) -> None:
        """Move to the position of an element that does not begin a chunk.

        Raises:
            UnsupportedTextError: the element begins a line in a chunk whose width is not known yet.
        """
        if positions.is_per_character:
            return
        if positions.y and self.chunks[-1].position.anchor is not Anchor.START:
            raise UnsupportedTextError("continues on another line, but its text-anchor is not start")
        self.move_to_character(positions, 0)

    def move_to_character(self, positions: CharacterPositions, index: int) -> None:
        """Move to the position of the character with an index."""
        position = self.chunks[-1].position
        if index < len(positions.x):
            self.start = positions.x[index] - position.x
        if index < len(positions.y):
            self.line_offset = positions.y[index] - position.y
        if index < len(positions.dx):
            self.shift += positions.dx[index]
        if index < len(positions.dy):
            self.line_offset += positions.dy[index]
        if positions.rotations:
            self.rotation = positions.rotations[min(index, len(positions.rotations) - 1)]

    def append(self, span: TextSpan, content: Sequence[str | Variable]) -> None:
        """Append content in the style of a span to the last chunk, at the current text position."""
        positioned = replace(
            span,
            content=tuple(content),
            start=self.start,
            shift=self.shift,
            baseline_offset=self.line_offset + self.baseline_shift,
            rotation=self.rotation,
        )
        chunk = self.chunks[-1]
        self.chunks[-1] = replace(chunk, spans=(*chunk.spans, positioned))
        if has_visible_content(content):
            self.start, self.shift = None, 0.0


def has_visible_content(content: Sequence[str | Variable]) -> bool:
    """Return True if content has a variable, or literal text that is not only white space."""
    return any(not (isinstance(part, str) and part.isspace()) for part in content)
