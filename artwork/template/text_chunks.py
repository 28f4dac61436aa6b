"""Lay out the text chunks of a <text> element with the values of one certificate.

A text chunk is text that is aligned as one line (SVG 1.1 §10): it begins with the element, or at a new x coordinate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.overlay import Color
from certbeam.artwork.template.css_text import (
    collapse_white_space,
    preserve_white_space,
    transform_case,
)
from certbeam.artwork.template.encoded_markup import EncodedMarkup, encode_parts, join_parts
from certbeam.artwork.template.escape import check_printable
from certbeam.artwork.template.line_rendering import render_line_markup
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import (
    FlattenedPath,
    FontLibrary,
    NoFontError,
    Placement,
    Span,
    TextBlock,
    TextStyle,
    TextTooLongError,
    lay_out_on_path,
    lay_out_text,
)
from certbeam.foundation.error_codes import ErrorCode

_MIN_SCALE = 0.5  # how far a text may shrink if minFontSize is absent
_MAX_FONT_SIZE = 10_000  # user units


@dataclass(frozen=True)
class TextSpan:
    """Part of a text chunk in one style, which becomes a :class:`~certbeam.artwork.text.Span` when filled.

    Attributes:
        content: literal text and variables, in order.
        style: the style of the text; its size is ignored if ``size`` is given.
        size: the variable that sets the font size; None if the size is fixed.
        paint: the CSS declarations that paint its outlines, in addition to those of the <text>.
        color: the fill, if it is one opaque colour; None for any other paint.
        has_user_space_paint: True if a transform of its outlines would distort its stroke or gradient.
        text_transform: the value of the CSS property.
        start: where it begins, in user units from the start of the chunk; None if it follows the span before it.
        shift: how far it and all that follows is moved along the line, in user units.
        baseline_offset: how far its baseline is below that of the chunk, in user units.
        rotation: by how many degrees each of its characters is rotated clockwise.
    """

    content: tuple[str | Variable, ...]
    style: TextStyle
    size: Variable | None = None
    paint: str = ""
    color: Color | None = None
    has_user_space_paint: bool = False
    text_transform: str = "none"
    start: float | None = None
    shift: float = 0.0
    baseline_offset: float = 0.0
    rotation: float = 0.0


@dataclass(frozen=True)
class TextChunk:
    """Text that is aligned as one line, with its position.

    Attributes:
        spans: its text.
        position: its anchor point; a finite width is the width that it must fit into.
        right_to_left: the direction that its element declares; None if it declares none.
        keeps_white_space: True if white space is not collapsed.
        path: the path that it follows, along which the position's x is measured; None for straight text.
    """

    spans: tuple[TextSpan, ...]
    position: Placement
    right_to_left: bool | None = None
    keeps_white_space: bool = False
    path: FlattenedPath | None = None

    @property
    def variables(self) -> list[Variable]:
        """The variables in its text, then those of its font sizes."""
        in_text = [part for span in self.spans for part in span.content if not isinstance(part, str)]
        return in_text + [span.size for span in self.spans if span.size is not None]


@dataclass(frozen=True)
class LaidOutText:
    """Text of a <text> element after layout.

    Attributes:
        blocks: the lines of each text chunk.
        content: the outlines, and the text as invisible text over them.
    """

    blocks: tuple[TextBlock, ...]
    content: EncodedMarkup


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

    def lay_out(self, values: tuple[str, ...], language: str, min_font_size: str) -> LaidOutText:
        """Lay out the text with the values of one certificate.

        Args:
            values: the resolved value of each of its variables.
            language: a BCP 47 tag.
            min_font_size: the font size to which text may shrink; empty for half of its size.

        Raises:
            TemplateError: ``no-font``, ``value-too-long``, ``value-unprintable`` or ``value-unsafe``.
        """
        texts = {
            variable: _check_printable(variable, value)
            for variable, value in zip(self.variables, values, strict=True)
        }
        blocks = tuple(self._lay_out_chunk(chunk, texts, language, min_font_size) for chunk in self.chunks)
        lines = [
            render_line_markup(
                line,
                [span.paint for span in chunk.spans],
                [span.has_user_space_paint for span in chunk.spans],
            )
            for chunk, block in zip(self.chunks, blocks, strict=True)
            for line in block.lines
        ]
        return LaidOutText(blocks, encode_parts(join_parts(lines)))

    def _lay_out_chunk(
        self, chunk: TextChunk, texts: Mapping[Variable, str], language: str, min_font_size: str
    ) -> TextBlock:
        spans = [_fill_span(span, texts, language) for span in chunk.spans]
        spans = preserve_white_space(spans) if chunk.keeps_white_space else collapse_white_space(spans)
        largest = max(span.style.size for span in spans)
        min_scale = (
            min(1.0, _parse_font_size("minFontSize", min_font_size) / largest)
            if min_font_size
            else _MIN_SCALE
        )
        position, path = chunk.position, chunk.path
        lay_out = (
            partial(lay_out_text, placement=position)
            if path is None
            else partial(lay_out_on_path, path=path, start=position.x, anchor=position.anchor)
        )
        try:
            return lay_out(
                spans,
                fonts=self.fonts,
                language=language,
                right_to_left=chunk.right_to_left,
                min_scale=min_scale,
            )
        except NoFontError as error:
            raise TemplateError(
                ErrorCode.NO_FONT, f"{_describe_source(texts, error.character)}: {error}"
            ) from error
        except TextTooLongError as error:
            raise TemplateError(ErrorCode.VALUE_TOO_LONG, f"{_describe_source(texts)}: {error}") from error


def _check_printable(variable: Variable, value: str) -> str:
    try:
        return check_printable(value)
    except TemplateError as error:
        raise TemplateError(error.code, f"the value of {variable.name!r} cannot be used: {error}") from error


def _fill_span(span: TextSpan, texts: Mapping[Variable, str], language: str) -> Span:
    text = "".join(part if isinstance(part, str) else texts[part] for part in span.content)
    text = transform_case(text, span.text_transform, language)
    style = _fill_style(span, texts)
    return Span(text, style, span.start, span.shift, span.baseline_offset, span.rotation)


def _fill_style(span: TextSpan, texts: Mapping[Variable, str]) -> TextStyle:
    if span.size is None:
        return span.style
    return replace(span.style, size=_parse_font_size(span.size.name, texts[span.size]))


def _parse_font_size(name: str, value: str) -> float:
    try:
        size = float(value.removesuffix("px"))
    except ValueError:
        size = 0.0
    if not 0 < size < _MAX_FONT_SIZE:
        raise TemplateError(
            ErrorCode.VALUE_UNSAFE, f"the value of {name!r} is not a font size: give a number of pixels"
        )
    return size


def _describe_source(texts: Mapping[Variable, str], character: str = "") -> str:
    """Name the variables whose values contain a character, or else the template's static text."""
    names = sorted({variable.name for variable, text in texts.items() if character in text})
    return f"the value of {' or '.join(map(repr, names))}" if names else "the template's static text"
