"""Define the placeholder of a <text> element, whose text is converted to outlines for each certificate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import Color, Overlay, PaintedGlyphRun, TextLine
from certbeam.artwork.qr.qr_code import QrCode
from certbeam.artwork.template.encoded_markup import EMPTY_MARKUP, EncodedMarkup
from certbeam.artwork.template.line_rendering import build_line_outlines, build_line_words
from certbeam.artwork.template.text_chunks import ChunkTypesetter, LaidOutText, TextChunk
from certbeam.artwork.template.variables import Variable, get_language
from certbeam.artwork.text import FontLibrary

_CACHED_TEXTS = 16  # course names and dates are repeated; names of recipients are not


@dataclass(frozen=True)
class TextPlaceholder:
    """Placeholder for the content of one <text> element.

    Attributes:
        chunks: its text chunks.
        fonts: the fonts to choose from.
        ctm: from the element's user units to the template's; None if it is unknown.
        has_no_effects: True if no property around it affects how it is painted, so that the overlay can draw it.
        line: the line of the element in the template's source, from 1.
    """

    chunks: tuple[TextChunk, ...]
    fonts: FontLibrary
    ctm: Matrix | None = None
    has_no_effects: bool = False
    line: int = field(default=0, compare=False)

    @cached_property
    def variables(self) -> list[Variable]:
        """The variables in its text and font sizes."""
        return self._typesetter.variables

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:  # noqa: ARG002
        """Return the text as outlines, with the text as invisible text over them; raises as :meth:`lay_out`."""
        return self.lay_out(values).content

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return the text, unless the overlay draws it."""
        return content if self._colors is None else EMPTY_MARKUP

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Return the searchable text, and its outlines unless these are part of the background."""
        if self.ctm is None:
            return Overlay()
        outlines: list[PaintedGlyphRun] = []
        words: list[TextLine] = []
        blocks = self.lay_out(values).blocks
        block_colors = self._colors or [[] for _ in blocks]
        for block, colors in zip(blocks, block_colors, strict=True):
            for line in block.lines:
                words.append(build_line_words(line, self.ctm))
                outlines.extend(build_line_outlines(line, colors, self.ctm) if colors else ())
        return Overlay(glyph_runs=tuple(outlines), text_lines=tuple(words))

    def lay_out(self, values: Mapping[str, str]) -> LaidOutText:
        """Lay out the text with the values of one certificate.

        Raises:
            MissingVariable: a value is absent and has no default.
            TemplateError: ``no-font``, ``value-too-long``, ``value-unprintable`` or ``value-unsafe``.
        """
        resolved = tuple([variable.resolve(values) for variable in self.variables])
        return self._lay_out_memoised(resolved, get_language(values), values.get("minFontSize") or "")

    @property
    def _colors(self) -> list[list[Color]] | None:
        """The colours of each chunk's spans; None if the text must be part of the background."""
        colors = [[span.color for span in chunk.spans if span.color] for chunk in self.chunks]
        is_complete = all(
            len(chunk_colors) == len(chunk.spans)
            for chunk_colors, chunk in zip(colors, self.chunks, strict=True)
        )
        return colors if self.has_no_effects and self.ctm is not None and is_complete else None

    @cached_property
    def _typesetter(self) -> ChunkTypesetter:
        return ChunkTypesetter(self.chunks, self.fonts)

    @cached_property
    def _lay_out_memoised(self) -> Callable[[tuple[str, ...], str, str], LaidOutText]:
        # A cache on a method of this class would keep a placeholder alive after its template is evicted.
        return lru_cache(_CACHED_TEXTS)(self._typesetter.lay_out)
