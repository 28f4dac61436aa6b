"""Define the placeholder of a <text> element, whose text is converted to outlines for each certificate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.geometry import Box, Matrix, build_rotation
from certbeam.artwork.overlay import GlyphImagePlacement, Overlay, PaintedGlyphRun, TextLine
from certbeam.artwork.qr.qr_code import QrCode
from certbeam.artwork.template.encoded_markup import EMPTY_MARKUP, EncodedMarkup, encode_parts
from certbeam.artwork.template.line_rendering import (
    build_line_images,
    build_line_outlines,
    build_line_words,
    render_line_data,
)
from certbeam.artwork.template.text_chunks import ChunkTypesetter, LaidOutText, TextChunk
from certbeam.artwork.template.variables import DateVariable, Variable, get_language
from certbeam.artwork.text import FontLibrary

_USUAL_VALUE = "Raghunathan Subramaniam"  # as long as most names
_USUAL_DATE = "2026-09-30"
_ASCENT, _DESCENT = 0.9, 0.3  # em
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
        paragraph: the lines of its paragraph, if these are texts of their own: they shrink together.
        paragraph_index: which of these lines it is.
    """

    chunks: tuple[TextChunk, ...]
    fonts: FontLibrary
    ctm: Matrix | None = None
    has_no_effects: bool = False
    line: int = field(default=0, compare=False)
    paragraph: "tuple[TextPlaceholder, ...]" = ()
    paragraph_index: int = 0

    @property
    def is_static(self) -> bool:
        """True if it is the same on all certificates."""
        return not self.variables and not self.paragraph

    @cached_property
    def variables(self) -> list[Variable]:
        """The variables in its text and font sizes."""
        return self._typesetter.variables

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:  # noqa: ARG002
        """Return the text as outlines, with the text as invisible text over them; raises as :meth:`lay_out`."""
        return self.lay_out(values).content

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return the text, unless the overlay draws it."""
        return EMPTY_MARKUP if self.is_overlaid else content

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Return the searchable text, and its outlines unless these are part of the background."""
        if self.ctm is None:
            return Overlay()
        outlines: list[PaintedGlyphRun] = []
        images: list[GlyphImagePlacement] = []
        words: list[TextLine] = []
        blocks = self.lay_out(values).blocks
        for block, paints in blocks:
            colors = [paint.color for paint in paints if paint.color is not None] if self.is_overlaid else []
            for index, line in enumerate(block.lines):
                words.append(build_line_words(line, self.ctm, continues=index > 0))
                if colors:
                    outlines.extend(build_line_outlines(line, colors, self.ctm))
                    images.extend(build_line_images(line, self.ctm))
        return Overlay(glyph_runs=tuple(outlines), text_lines=tuple(words), glyph_images=tuple(images))

    def find_boxes(self) -> list[Box] | None:
        """Return what its lines cover with values of usual length, in the template's user units.

        Returns:
            None if that is unknown.
        """
        values = tuple([_find_usual_value(variable) for variable in self.variables])
        try:
            blocks = self._typesetter.lay_out(values, "en", "").blocks
        except TemplateError:
            return None
        if self.ctm is None:
            return None
        return [_find_box(build_line_words(line, self.ctm)) for block, _ in blocks for line in block.lines]

    def lay_out(self, values: Mapping[str, str]) -> LaidOutText:
        """Lay out the text with the values of one certificate.

        Raises:
            MissingVariable: a value is absent and has no default.
            TemplateError: ``no-font``, ``value-too-long``, ``value-unprintable`` or ``value-unsafe``.
        """
        if self.paragraph:
            scale = min(line.lay_out(values).scale for line in self.paragraph)
            return self.paragraph[self.paragraph_index]._lay_out(values, scale)
        return self._lay_out(values, 1.0)

    def _lay_out(self, values: Mapping[str, str], max_scale: float) -> LaidOutText:
        resolved = tuple([variable.resolve(values) for variable in self.variables])
        min_font_size = values.get("minFontSize") or ""
        return self._lay_out_memoised(resolved, get_language(values), min_font_size, max_scale)

    @cached_property
    def is_overlaid(self) -> bool:
        """True if the overlay draws the outlines; False if the text must be part of the background."""
        has_colors = all(paint.color is not None for chunk in self.chunks for paint in chunk.paints)
        return self.has_no_effects and self.ctm is not None and has_colors

    @cached_property
    def _typesetter(self) -> ChunkTypesetter:
        return ChunkTypesetter(self.chunks, self.fonts)

    @cached_property
    def _lay_out_memoised(self) -> Callable[[tuple[str, ...], str, str, float], LaidOutText]:
        # A cache on a method of this class would keep a placeholder alive after its template is evicted.
        return lru_cache(_CACHED_TEXTS)(self._typesetter.lay_out)


def _find_usual_value(variable: Variable) -> str:
    if isinstance(variable, DateVariable):
        return variable.resolve({variable.name: _USUAL_DATE})
    return variable.default or _USUAL_VALUE


def _find_box(line: TextLine) -> Box:
    """Return the upright box around a line of text."""
    matrix = Matrix(e=line.x, f=line.y) @ build_rotation(line.rotation)
    corners = [
        matrix @ Matrix(e=x, f=y * line.font_size) for x in (0.0, line.width) for y in (-_ASCENT, _DESCENT)
    ]
    xs, ys = [corner.e for corner in corners], [corner.f for corner in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True)
class ClipTextPlaceholder:
    """Placeholder for the path data of a <text> in a clipping path.

    Attributes:
        text: the text.
    """

    text: TextPlaceholder

    @property
    def variables(self) -> list[Variable]:
        """The variables in its text and font sizes."""
        return self.text.variables

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:  # noqa: ARG002
        """Return the outlines as path data; raises as :meth:`TextPlaceholder.lay_out`."""
        lines = [line for block, _ in self.text.lay_out(values).blocks for line in block.lines]
        return encode_parts(["", "".join(map(render_line_data, lines)), ""])

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return the path data."""
        return content

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Return an empty overlay."""
        return Overlay()
