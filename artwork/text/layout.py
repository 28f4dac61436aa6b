"""Fit text to its placement: in its own size, shrunk, or broken into lines."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

from certbeam.artwork.text.decorations import decorate
from certbeam.artwork.text.fitted_length import FittedLength, fit_lengths
from certbeam.artwork.text.fonts import FontLibrary
from certbeam.artwork.text.scripts import extends_cluster
from certbeam.artwork.text.shaping import ShapedLine, shape_line
from certbeam.artwork.text.spans import Orientation, Span

LINE_HEIGHT = 1.2
"""Distance between baselines, in parts of the font size."""

MAX_LINES = 4


class TextTooLongError(Exception):
    """A text does not fit, even at its smallest size and on MAX_LINES lines."""


class Anchor(Enum):
    """Point of a line that is placed at x, as SVG's ``text-anchor``; the value is its share of the line's width."""

    START = 0.0
    MIDDLE = 0.5
    END = 1.0


@dataclass(frozen=True)
class Placement:
    """Position of a text, in user units.

    Attributes:
        x: x of the anchor point.
        y: y of the baseline, pointing down.
        anchor: the point of each line that is placed at x; of a vertical line, at y.
        max_width: width that the lines must fit; infinite if there is no bound.
        margin: how much narrower a line becomes that does not fit, so that it does not touch the edge.
    """

    x: float
    y: float
    anchor: Anchor = Anchor.START
    max_width: float = math.inf
    margin: float = 0.0

    def fit(self, width: float) -> float:
        """Return the width that a line gets: its own, or a smaller one that keeps the margin if it is too wide.

        A line that is hardly too wide becomes hardly narrower.
        """
        if width <= self.max_width:
            return width
        return self.max_width - min(self.margin, width - self.max_width, self.max_width / 2)


@dataclass(frozen=True)
class PlacedLine:
    """Shaped line at its position.

    Attributes:
        line: the shaped line.
        x, y: left end of the baseline, in user units; the upper end of a vertical line.
        scale: factor by which the shaped line is scaled.
        rotation: degrees clockwise about that end.
    """

    line: ShapedLine
    x: float
    y: float
    scale: float
    rotation: float = 0.0

    @property
    def width(self) -> float:
        """Width in user units."""
        return self.line.width * self.scale


@dataclass(frozen=True)
class TextBlock:
    """Text that is laid out.

    Attributes:
        spans: the text.
        lines: the lines to draw.
    """

    spans: tuple[Span, ...]
    lines: tuple[PlacedLine, ...]


def lay_out_text(
    spans: Sequence[Span],
    placement: Placement,
    fonts: FontLibrary,
    *,
    language: str = "en",
    right_to_left: bool | None = None,
    min_scale: float = 1.0,
    max_scale: float = 1.0,
    orientation: Orientation = Orientation.HORIZONTAL,
    lengths: Sequence[FittedLength] = (),
) -> TextBlock:
    """Shape text and fit it to its placement.

    A text that is too wide shrinks, at most to ``min_scale`` of its size. If it is still too wide, it is broken into
    lines of that size, which are centred vertically on the placement's y.

    Args:
        spans: the text, in logical order.
        placement: position and maximum width.
        fonts: the fonts to choose from.
        language: BCP 47 tag.
        right_to_left: True if the lines run from right to left; None takes the direction of the first letter.
        min_scale: smallest factor by which the text may shrink, from 0 to 1.
        max_scale: factor by which the text shrinks in any case, from 0 to 1.
        orientation: the orientation of the letters.
        lengths: lengths that parts of the text must have; such a text does not shrink.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
        TextTooLongError: the text needs more than MAX_LINES lines.
    """
    shape = partial(
        _shape_decorated,
        fonts=fonts,
        language=language,
        right_to_left=right_to_left,
        orientation=orientation,
        lengths=lengths,
    )
    line = shape(spans)
    scale = max_scale
    if line.width and not lengths:
        scale = placement.fit(line.width * max_scale) / line.width
    if scale >= min(min_scale, max_scale):
        return TextBlock(tuple(spans), (_place_line(line, placement, 0.0, scale, orientation),))
    lines = [
        shape(_slice_spans(spans, start, end))
        for start, end in _break_lines(line, (placement.max_width - placement.margin) / min_scale)
    ]
    line_advance = LINE_HEIGHT * min_scale * max(span.style.size for span in spans)
    top = -line_advance * (len(lines) - 1) / 2
    placed = [
        _place_line(line, placement, top + index * line_advance, min_scale, orientation)
        for index, line in enumerate(lines)
    ]
    return TextBlock(tuple(spans), tuple(placed))


def _shape_decorated(
    spans: Sequence[Span],
    *,
    fonts: FontLibrary,
    language: str,
    right_to_left: bool | None,
    orientation: Orientation,
    lengths: Sequence[FittedLength],
) -> ShapedLine:
    line = shape_line(
        spans,
        fonts,
        language,
        right_to_left=right_to_left,
        split_clusters=bool(lengths),
        orientation=orientation,
    )
    if lengths:
        line = fit_lengths(line, lengths)
    return decorate(line, spans) if any(span.decorations for span in spans) else line


def _place_line(
    line: ShapedLine, placement: Placement, offset: float, scale: float, orientation: Orientation
) -> PlacedLine:
    """Return a line at its placement.

    Args:
        line: the shaped line.
        placement: position of the text.
        offset: distance of the baseline from that of the placement, in the direction in which lines follow each other.
        scale: factor by which the line is scaled.
        orientation: the orientation of its letters.
    """
    start = placement.anchor.value * line.width * scale
    if orientation is Orientation.HORIZONTAL:
        return PlacedLine(line, placement.x - start, placement.y + offset, scale)
    return PlacedLine(line, placement.x - offset, placement.y - start, scale, rotation=90.0)


def _break_lines(line: ShapedLine, max_width: float) -> list[tuple[int, int]]:
    """Return the slices of the text that become lines.

    Args:
        line: the whole text as one line.
        max_width: width that each line must fit, in the units of ``line``; spaces at its end do not count.

    Raises:
        TextTooLongError: there are more than MAX_LINES lines.
    """
    slices: list[tuple[int, int]] = []
    start = 0
    while start < len(line.text):
        if len(slices) == MAX_LINES:
            raise TextTooLongError(f"the text needs more than {MAX_LINES} lines: shorten it")
        end = _find_line_end(line, start, max_width)
        slices.append((start, end))
        start = end
    return slices


def _find_line_end(line: ShapedLine, start: int, max_width: float) -> int:
    """Return the end of the line that begins at ``start``: after the last word, or else the last cluster, that fits.

    A line has at least one character.
    """
    width = 0.0
    word_end = cluster_end = start
    for index in range(start, len(line.text)):
        width += line.advances[index]
        if width > max_width and not line.text[index].isspace():
            break
        if _may_break_after(line.text, index):
            word_end = index + 1
        if _ends_cluster(line, index):
            cluster_end = index + 1
    else:
        return len(line.text)
    return max(word_end if word_end > start else cluster_end, start + 1)


def _may_break_after(text: str, index: int) -> bool:
    """Return True after a space, a hyphen, a slash, and an East Asian wide character with its combining marks."""
    character = text[index]
    if character.isspace() or character in "-‐–/":
        return True
    following = text[index + 1] if index + 1 < len(text) else " "
    return unicodedata.east_asian_width(character) == "W" and not extends_cluster(following)


def _ends_cluster(line: ShapedLine, index: int) -> bool:
    following = index + 1
    return following == len(line.text) or (
        line.advances[following] > 0 and not extends_cluster(line.text[following])
    )


def _slice_spans(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the spans of a slice of the text, without space at its end.

    Spans outside the slice stay as empty ones, so that each span keeps its index.
    """
    return [
        replace(span, text=text.rstrip() if is_last else text)
        for span, text, is_last in _sliced_texts(spans, start, end)
    ]


def _sliced_texts(spans: Sequence[Span], start: int, end: int) -> Iterator[tuple[Span, str, bool]]:
    """Yield each span, its text within the slice, and True if the slice ends in this span."""
    position = 0
    for span in spans:
        span_end = position + len(span.text)
        yield span, span.text[max(start - position, 0) : max(end - position, 0)], position < end <= span_end
        position = span_end
