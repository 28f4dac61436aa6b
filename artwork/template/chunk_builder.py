"""Build the text chunks of a <text> element, and track the current text position."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from certbeam.artwork.svg.character_positions import CharacterPositions
from certbeam.artwork.template.text_chunks import TextChunk
from certbeam.artwork.template.text_spans import TextSpan
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import FittedLength


@dataclass
class ChunkBuilder:
    """Builder of text chunks, with the current text position (SVG 1.1 §10.4).

    Attributes:
        chunks: the chunks so far.
        line_offset: how far the position is below the baseline of its chunk, because of y and dy.
        baseline_offset: how far it is below that, because of baseline-shift.
        start: how far it is from the start of its chunk; None if it follows the character before it.
        shift: how far it is moved from there.
        rotation: by how many degrees the next character is rotated.
        positions: positions that open elements give to single characters, the outermost first.
        is_after_path: True after the end of a <textPath>.
    """

    chunks: list[TextChunk] = field(default_factory=list)
    line_offset: float = 0.0
    baseline_offset: float = 0.0
    start: float | None = None
    shift: float = 0.0
    rotation: float = 0.0
    positions: tuple[CharacterPositions, ...] = ()
    is_after_path: bool = False

    @property
    def y(self) -> float:
        """The y coordinate of the current line, in user units."""
        return self.chunks[-1].position.y + self.line_offset if self.chunks else 0.0

    @property
    def is_empty(self) -> bool:
        """True if the last chunk has no visible content yet."""
        return not any(has_visible_content(span.content) for span in self.chunks[-1].spans)

    def begin_chunk(self, chunk: TextChunk) -> None:
        """Begin a chunk, and move the current text position to its start."""
        self.chunks.append(chunk)
        self.line_offset = self.shift = 0.0
        self.start = None

    def move(self, positions: CharacterPositions) -> None:
        """Move to the position of an element that does not begin a chunk."""
        position = positions.at(0)
        if position.y is not None:
            self.line_offset = position.y - self.chunks[-1].position.y
        self.shift += position.dx or 0.0
        self.line_offset += position.dy or 0.0

    def append(self, span: TextSpan, content: Sequence[str | Variable]) -> None:
        """Append content in the style of a span to the last chunk, at the current text position."""
        positioned = replace(
            span,
            content=tuple(content),
            start=self.start,
            shift=self.shift,
            line_offset=self.line_offset,
            baseline_offset=self.baseline_offset,
            rotation=self.rotation,
            positions=self.positions,
        )
        chunk = self.chunks[-1]
        self.chunks[-1] = replace(chunk, spans=(*chunk.spans, positioned))
        if has_visible_content(content):
            self.start, self.shift = None, 0.0

    def fit_length(self, chunk_index: int, first_span: int, length: float, *, stretches_glyphs: bool) -> None:
        """Declare the length of the spans of a chunk from one to the last."""
        chunk = self.chunks[chunk_index]
        fitted = FittedLength(first_span, len(chunk.spans) - 1, length, stretches_glyphs)
        self.chunks[chunk_index] = replace(chunk, lengths=(*chunk.lengths, fitted))


def has_visible_content(content: Sequence[str | Variable]) -> bool:
    """Return True if content has a variable, or literal text that is not only white space."""
    return any(not (isinstance(part, str) and part.isspace()) for part in content)
