"""Write the PDF content stream that draws an overlay on the page, with the structure elements of its content.

Text is drawn as outlines, which are artifacts. Its characters lie over the outlines as invisible text, so that a reader
can search, copy and listen to it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import (
    GlyphImagePlacement,
    Overlay,
    PaintedGlyphRun,
    QrCodePlacement,
    TextLine,
)
from certbeam.artwork.render.pdf_glyphless_font import FONT_RESOURCE, GLYPH_WIDTH, CharacterCodes
from certbeam.artwork.render.pdf_languages import DEFAULT_LANGUAGE, SplitLine, split_line
from certbeam.artwork.render.pdf_structure import Element
from certbeam.artwork.render.pdf_syntax import write_matrix, write_text_string
from certbeam.artwork.text.outline import GlyphImage

_INVISIBLE = 3  # text rendering mode, ISO 32000-1 §9.3.6


@dataclass(frozen=True)
class TaggedContent:
    """Content of a page.

    Attributes:
        stream: the content stream.
        elements: its structure elements in reading order.
        to_unicode: the table from the codes of its invisible text to characters; None if it is that of the font.
    """

    stream: bytes
    elements: tuple[Element, ...]
    to_unicode: bytes | None


def write_overlay(
    overlay: Overlay,
    matrix: Matrix,
    language: str,
    image_names: Mapping[GlyphImage, str] = MappingProxyType({}),
) -> TaggedContent:
    """Return the content of an overlay.

    Args:
        overlay: what to draw.
        matrix: transform from the template's user units to points.
        language: the language of the document.
        image_names: the resource name of each image.
    """
    return _ContentWriter(overlay, matrix, language).write(image_names)


class _ContentWriter:
    """Writer of the content of one overlay."""

    def __init__(self, overlay: Overlay, matrix: Matrix, language: str) -> None:
        self._overlay = overlay
        self._matrix = matrix
        self._language = language
        # Screen readers follow the structure, and text selection the stream: lines go from top to bottom.
        self._paragraphs = sorted(_join_paragraphs(overlay.text_lines), key=_position)
        lines = [line for paragraph in self._paragraphs for line in paragraph]
        self._split_lines = {line.text: split_line(line.text, language) for line in lines}
        pieces = [text for split in self._split_lines.values() for _, text in split.pieces]
        self._codes = CharacterCodes("\n".join(pieces))
        self._content_count = 0

    def write(self, image_names: Mapping[GlyphImage, str]) -> TaggedContent:
        """Return the content."""
        parts: list[str | bytes] = []
        elements: list[tuple[tuple[float, float], Element]] = []
        for placement in self._overlay.qr_codes:
            corner = placement.matrix.f, placement.matrix.e
            elements.append((corner, self._draw_qr_code(placement, parts)))
        if self._overlay.glyph_runs or self._overlay.glyph_images:
            outlines = [_fill_glyphs(run, self._matrix @ run.matrix) for run in self._overlay.glyph_runs]
            images = [
                _draw_image(image, self._matrix @ image.matrix, image_names)
                for image in self._overlay.glyph_images
            ]
            parts += ["/Artifact BMC", *outlines, *images, "EMC"]
        heading = max(self._paragraphs, key=lambda paragraph: paragraph[0].font_size, default=None)
        for paragraph in self._paragraphs:
            kind = "H1" if paragraph is heading else "P"
            elements.append((_position(paragraph), self._show_paragraph(kind, paragraph, parts)))
        elements.sort(key=lambda pair: pair[0])
        stream = b"\n".join([part if isinstance(part, bytes) else part.encode() for part in parts])
        return TaggedContent(
            stream, tuple(element for _, element in elements), self._codes.write_to_unicode()
        )

    def _draw_qr_code(self, placement: QrCodePlacement, parts: list[str | bytes]) -> Element:
        qr, matrix = placement.qr, self._matrix @ placement.matrix
        content_id = self._add_content()
        runs = qr.dark_runs
        dark_modules = b"%d %d %d 1 re " * len(runs) % tuple(chain.from_iterable(runs))
        parts += [
            f"/Figure <</MCID {content_id}>> BDC q {write_matrix(matrix)} cm",
            f"1 1 1 rg 0 0 {qr.width} {qr.height} re f 0 0 0 rg",
            dark_modules,
            "f Q EMC",
        ]
        box = " ".join(f"{edge:.2f}" for edge in _find_box(matrix, qr.width, qr.height))
        alternative = write_text_string(f"QR code: {qr.data}")
        language = _write_language(None if self._language == DEFAULT_LANGUAGE else DEFAULT_LANGUAGE)
        entries = f"/Alt{alternative}{language}/A<</O/Layout/Placement/Block/BBox[{box}]>>"
        return Element("Figure", [content_id], entries)

    def _show_paragraph(self, kind: str, paragraph: Sequence[TextLine], parts: list[str | bytes]) -> Element:
        """Show the lines of a paragraph as invisible text."""
        kids: list[int | Element] = []
        spans: list[Element] = []
        for line in paragraph:
            split = self._split_lines[line.text]
            content_ids = self._show_line(kind, line, split, parts)
            for run, run_ids in zip(split.runs, content_ids, strict=True):
                entries = _write_language(run.language)
                if run.actual_text is not None:
                    entries += f"/ActualText{write_text_string(run.actual_text)}"
                spans.append(Element("Span", run_ids, entries))
                kids += [spans[-1]] if entries else run_ids
        # The only span of a paragraph is the paragraph itself.
        return Element(kind, spans[0].kids, spans[0].entries) if len(spans) == 1 else Element(kind, kids)

    def _show_line(
        self, kind: str, line: TextLine, split: SplitLine, parts: list[str | bytes]
    ) -> list[list[int]]:
        """Show a line as a text object as wide as the drawn line.

        Returns:
            For each run of the line, the ids of its marked content.
        """
        codes = [self._codes.encode(text) for _, text in split.pieces]
        length = sum(map(len, codes)) / 4  # each code has four digits
        horizontal_scaling = 100 * line.width / (length * GLYPH_WIDTH * line.font_size)
        cosine, sine = math.cos(math.radians(line.rotation)), math.sin(math.radians(line.rotation))
        text_matrix = self._matrix @ Matrix(cosine, sine, sine, -cosine, line.x, line.y)
        font = f"{_INVISIBLE} Tr {FONT_RESOURCE} {line.font_size:.4g} Tf {horizontal_scaling:.4g} Tz"
        content_ids: list[list[int]] = [[] for _ in split.runs]
        shown = []
        for (run, _), piece_codes in zip(split.pieces, codes, strict=True):
            content_ids[run].append(self._add_content())
            tag = "Span" if len(split.runs) > 1 else kind
            shown.append(f"/{tag} <</MCID {content_ids[run][-1]}>> BDC <{piece_codes}> Tj EMC")
        parts.append(f"BT {font} {write_matrix(text_matrix)} Tm {' '.join(shown)} ET")
        return content_ids

    def _add_content(self) -> int:
        """Return the id of the next marked content."""
        self._content_count += 1
        return self._content_count - 1


def _join_paragraphs(lines: Iterable[TextLine]) -> list[list[TextLine]]:
    """Return the visible lines of each paragraph."""
    paragraphs: list[list[TextLine]] = []
    for line in lines:
        if not line.text or not line.width:
            continue
        if line.continues and paragraphs:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _position(paragraph: Sequence[TextLine]) -> tuple[float, float]:
    """Return what sorts paragraphs from top to bottom."""
    return paragraph[0].y, paragraph[0].x


def _find_box(matrix: Matrix, width: float, height: float) -> tuple[float, float, float, float]:
    """Return the left, lower, right and upper edge of a transformed box whose corner is the origin."""
    corners = [matrix @ Matrix(e=x, f=y) for x in (0, width) for y in (0, height)]
    columns, rows = [corner.e for corner in corners], [corner.f for corner in corners]
    return min(columns), min(rows), max(columns), max(rows)


def _write_language(language: str | None) -> str:
    return f"/Lang({language})" if language else ""


def _fill_glyphs(run: PaintedGlyphRun, matrix: Matrix) -> bytes:
    red, green, blue = run.color
    parts = [f"q {write_matrix(matrix)} cm {red:.4g} {green:.4g} {blue:.4g} rg".encode()]
    origin_x = origin_y = 0
    for outline, x, y in run.glyphs:
        parts.append(b"1 0 0 1 %d %d cm" % (x - origin_x, y - origin_y))
        parts.append(outline.pdf)
        origin_x, origin_y = x, y
    parts.append(b"Q")
    return b" ".join(parts)


def _draw_image(placement: GlyphImagePlacement, matrix: Matrix, image_names: Mapping[GlyphImage, str]) -> str:
    to_unit_square = Matrix(d=-1, f=1)  # the first row of a PDF image is at the upper edge of the unit square
    return f"q {write_matrix(matrix @ to_unit_square)} cm {image_names[placement.image]} Do Q"
