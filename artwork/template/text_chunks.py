"""Lay out the text chunks of a <text> element with the values of one certificate.

A text chunk is text that is aligned as one line (SVG 1.1 §10): it begins with the element, or at a new x coordinate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.character_positions import CharacterPositions
from certbeam.artwork.template.css_text import collapse_white_space, preserve_white_space
from certbeam.artwork.template.encoded_markup import EncodedMarkup, encode_parts, join_parts
from certbeam.artwork.template.escape import check_printable
from certbeam.artwork.template.line_rendering import render_line_markup
from certbeam.artwork.template.small_caps import expand_capitals
from certbeam.artwork.template.text_spans import (
    TextPaint,
    TextSpan,
    collect_paints,
    fill_spans,
    parse_size_value,
    position_characters,
)
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import (
    Anchor,
    FittedLength,
    FlattenedPath,
    FontLibrary,
    NoFontError,
    Orientation,
    Placement,
    Span,
    TextBlock,
    TextTooLongError,
    lay_out_on_path,
    lay_out_text,
)
from certbeam.foundation.error_codes import ErrorCode

_MIN_SCALE = 0.5  # how far a text may shrink if minFontSize is absent


@dataclass(frozen=True)
class TextChunk:
    """Text that is aligned as one line, with its position.

    Attributes:
        spans: its text.
        position: its anchor point; a finite width is the width that it must fit into.
        right_to_left: the direction of the line; None to take that of its first letter.
        keeps_white_space: True if white space is not collapsed.
        path: the path that it follows, along which the position's x is measured; None for straight text.
        orientation: the orientation of its letters.
        lengths: lengths that its spans must have, those of inner elements first.
        is_continued: True if it begins where the chunk before it ends, at its own y (its own x if vertical).
    """

    spans: tuple[TextSpan, ...]
    position: Placement
    right_to_left: bool | None = False
    keeps_white_space: bool = False
    path: FlattenedPath | None = None
    orientation: Orientation = Orientation.HORIZONTAL
    lengths: tuple[FittedLength, ...] = ()
    is_continued: bool = False

    @property
    def variables(self) -> list[Variable]:
        """The variables in its text, then those of its font sizes."""
        in_text = [part for span in self.spans for part in span.content if not isinstance(part, str)]
        return in_text + [span.size for span in self.spans if span.size is not None]

    @cached_property
    def paints(self) -> list[TextPaint]:
        """The paints to which its glyph runs refer."""
        return collect_paints(self.spans)


@dataclass(frozen=True)
class LaidOutText:
    """Text of a <text> element after layout.

    Attributes:
        blocks: the lines, and the paints to which their glyph runs refer.
        content: the outlines, and the text as invisible text over them.
        scale: the factor by which it has shrunk.
    """

    blocks: tuple[tuple[TextBlock, Sequence[TextPaint]], ...]
    content: EncodedMarkup
    scale: float


@dataclass(frozen=True)
class _Values:
    """Values of one certificate that text depends on.

    Attributes:
        texts: the text of each variable.
        language: a BCP 47 tag.
        min_font_size: the font size to which text may shrink; empty for half of its size.
    """

    texts: Mapping[Variable, str]
    language: str
    min_font_size: str

    def min_scale(self, spans: Sequence[Span]) -> float:
        """Return the smallest factor by which spans may shrink."""
        if not self.min_font_size:
            return _MIN_SCALE
        largest = max(span.style.size for span in spans)
        return min(1.0, parse_size_value("minFontSize", self.min_font_size) / largest)


@dataclass(frozen=True)
class ChunkTypesetter:
    """Typesetter for the text chunks of one <text> element.

    Attributes:
        chunks: the text chunks.
        fonts: the fonts to choose from.
    """

    chunks: tuple[TextChunk, ...]
    fonts: FontLibrary

    @cached_property
    def variables(self) -> list[Variable]:
        """The variables of all chunks."""
        return [variable for chunk in self.chunks for variable in chunk.variables]

    def lay_out(
        self, values: tuple[str, ...], language: str, min_font_size: str, max_scale: float = 1.0
    ) -> LaidOutText:
        """Lay out the text with the values of one certificate.

        Args:
            values: the resolved value of each of its variables.
            language: a BCP 47 tag.
            min_font_size: the font size to which text may shrink; empty for half of its size.
            max_scale: factor by which the text shrinks in any case, from 0 to 1.

        Raises:
            TemplateError: ``no-font``, ``value-too-long``, ``value-unprintable`` or ``value-unsafe``.
        """
        texts = {
            variable: _check_printable(variable, value)
            for variable, value in zip(self.variables, values, strict=True)
        }
        all_values = _Values(texts, language, min_font_size)
        blocks = self._lay_out_chunks(all_values, max_scale)
        scale = _find_scale(blocks)
        if scale < max_scale and len(blocks) > 1:
            blocks = self._lay_out_chunks(all_values, scale)  # lines of one text have one size
        lines = [render_line_markup(line, paints) for block, paints in blocks for line in block.lines]
        return LaidOutText(tuple(blocks), encode_parts(join_parts(lines)), scale)

    def _lay_out_chunks(
        self, values: _Values, max_scale: float
    ) -> list[tuple[TextBlock, Sequence[TextPaint]]]:
        blocks: list[tuple[TextBlock, Sequence[TextPaint]]] = []
        counters: dict[CharacterPositions, int] = {}
        for chunk in self.chunks:
            position = chunk.position
            if chunk.is_continued and blocks:
                position = _move_to_end(position, blocks[-1][0], chunk.orientation)
            laid_out = self._lay_out_chunk(chunk, position, values, max_scale, counters)
            blocks += [(block, chunk.paints) for block in laid_out]
        return blocks

    def _lay_out_chunk(
        self,
        chunk: TextChunk,
        position: Placement,
        values: _Values,
        max_scale: float,
        counters: dict[CharacterPositions, int],
    ) -> Iterator[TextBlock]:
        try:
            spans = fill_spans(chunk.spans, values.texts, values.language)
            spans = preserve_white_space(spans) if chunk.keeps_white_space else collapse_white_space(spans)
            spans = position_characters(spans, chunk.spans, (position.x, position.y), counters)
            spans = expand_capitals(spans, chunk.spans, self.fonts, values.language)
            for anchored, placement in _split_at_positions(spans, position):
                lay_out = (
                    partial(
                        lay_out_text,
                        placement=placement,
                        orientation=chunk.orientation,
                        lengths=chunk.lengths,
                        max_scale=max_scale,
                    )
                    if chunk.path is None
                    else partial(lay_out_on_path, path=chunk.path, start=position.x, anchor=position.anchor)
                )
                yield lay_out(
                    anchored,
                    fonts=self.fonts,
                    language=values.language,
                    right_to_left=chunk.right_to_left,
                    min_scale=values.min_scale(anchored),
                )
        except NoFontError as error:
            raise TemplateError(
                ErrorCode.NO_FONT, f"{_describe_source(values.texts, error.character)}: {error}"
            ) from error
        except TextTooLongError as error:
            raise TemplateError(
                ErrorCode.VALUE_TOO_LONG, f"{_describe_source(values.texts)}: {error}"
            ) from error


def _find_scale(blocks: Sequence[tuple[TextBlock, Sequence[TextPaint]]]) -> float:
    """Return the smallest scale of the lines of blocks."""
    return min((line.scale for block, _ in blocks for line in block.lines), default=1.0)


def _move_to_end(position: Placement, block: TextBlock, orientation: Orientation) -> Placement:
    """Return a placement that begins at the end of a block."""
    line = block.lines[-1]
    if orientation is Orientation.HORIZONTAL:
        return replace(position, x=line.x + line.width + position.x)
    return replace(position, y=line.y + line.width + position.y)


def _split_at_positions(spans: Sequence[Span], position: Placement) -> Iterator[tuple[list[Span], Placement]]:
    """Yield the parts of a chunk that are anchored apart, because their elements position single characters."""
    if position.anchor is Anchor.START or all(span.x is None for span in spans):
        yield list(spans), position
        return
    part: list[Span] = []
    placement = position
    for span in spans:
        if span.x is not None and part:
            yield part, placement
            part = []
        if span.x is not None:
            placement = replace(position, x=position.x + span.x)
        part.append(replace(span, x=None))
    yield part, placement


def _check_printable(variable: Variable, value: str) -> str:
    try:
        return check_printable(value)
    except TemplateError as error:
        raise TemplateError(error.code, f"the value of {variable.name!r} cannot be used: {error}") from error


def _describe_source(texts: Mapping[Variable, str], character: str = "") -> str:
    """Name the variables whose values contain a character, or else the template's static text."""
    names = sorted({variable.name for variable, text in texts.items() if character in text})
    return f"the value of {' or '.join(map(repr, names))}" if names else "the template's static text"
