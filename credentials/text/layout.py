"""Fitting text to its place: as it is, smaller, or on several lines."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from certbeam.credentials.text.fonts import FontLibrary
from certbeam.credentials.text.scripts import clings
from certbeam.credentials.text.shape import Line, Span, shape_line

LINE_HEIGHT = 1.2  # of the font size
MAX_LINES = 4


class TextTooLongError(Exception):
    """A text does not fit its place, even in the smallest size and on the most lines."""


class Anchor(Enum):
    """Which part of a line stands at its x coordinate; the value is the share of the width to its left."""

    START = 0.0
    MIDDLE = 0.5
    END = 1.0


@dataclass(frozen=True)
class Place:
    """Where a text goes, in user units.

    Attributes:
        x, y: the anchor's coordinates; y is that of the baseline, pointing down.
        anchor: what of the text stands there.
        width: what it may take; infinite if it may take any.
    """

    x: float
    y: float
    anchor: Anchor = Anchor.START
    width: float = math.inf


@dataclass(frozen=True)
class PlacedLine:
    """A line in its place.

    Attributes:
        line: the shaped line.
        x, y: the left end of its baseline.
        zoom: how many times its shaped size it is drawn.
    """

    line: Line
    x: float
    y: float
    zoom: float

    @property
    def width(self) -> float:
        """What it takes, in user units."""
        return self.line.width * self.zoom


@dataclass(frozen=True)
class TextBlock:
    """Text in its place.

    Attributes:
        spans: the text.
        lines: the same, ready to be drawn.
    """

    spans: tuple[Span, ...]
    lines: tuple[PlacedLine, ...]


def set_text(
    spans: Sequence[Span],
    place: Place,
    fonts: FontLibrary,
    *,
    language: str = "en",
    right_to_left: bool | None = None,
    smallest: float = 1.0,
) -> TextBlock:
    """Shape text and fit it to its place.

    A text too wide is made smaller, down to ``smallest`` of its size, and what is still too wide then is
    broken into lines, centred on the place's height.

    Args:
        spans: the text, in logical order.
        place: where it goes.
        fonts: where fonts are chosen from.
        language: BCP 47 tag.
        right_to_left: the direction of its lines; None for that of its first letter.
        smallest: the part of its size down to which it may shrink, from 0 to 1.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
        TextTooLongError: it would take more than MAX_LINES lines.
    """
    line = shape_line(spans, fonts, language, right_to_left=right_to_left)
    zoom = min(1.0, place.width / line.width) if line.width else 1.0
    if zoom >= smallest:
        return TextBlock(tuple(spans), (_placed(line, place, place.y, zoom),))
    pieces = _break(line, place.width / smallest)
    lines = [
        shape_line(_cut(spans, start, end), fonts, language, right_to_left=right_to_left)
        for start, end in pieces
    ]
    advance = LINE_HEIGHT * smallest * max(span.style.size for span in spans)
    top = place.y - advance * (len(lines) - 1) / 2
    placed = [_placed(line, place, top + index * advance, smallest) for index, line in enumerate(lines)]
    return TextBlock(tuple(spans), tuple(placed))


def _placed(line: Line, place: Place, y: float, zoom: float) -> PlacedLine:
    return PlacedLine(line, place.x - place.anchor.value * line.width * zoom, y, zoom)


def _break(line: Line, width: float) -> list[tuple[int, int]]:
    """The lines that a text breaks into, as slices; spaces at their ends take no width."""
    pieces: list[tuple[int, int]] = []
    start = 0
    while start < len(line.text):
        if len(pieces) == MAX_LINES:
            raise TextTooLongError(f"it would take more than {MAX_LINES} lines: shorten it")
        end = _line_end(line, start, width)
        pieces.append((start, end))
        start = end
    return pieces


def _line_end(line: Line, start: int, width: float) -> int:
    """Where the line that begins at ``start`` ends: after the last word, or the last cluster, that fits."""
    used = 0.0
    word_end = cluster_end = start
    for index in range(start, len(line.text)):
        used += line.advances[index]
        if used > width and not line.text[index].isspace():
            break
        if _may_end_line(line.text, index):
            word_end = index + 1
        if _ends_cluster(line, index):
            cluster_end = index + 1
    else:
        return len(line.text)
    return max(word_end if word_end > start else cluster_end, start + 1)


def _may_end_line(text: str, index: int) -> bool:
    character = text[index]
    if character.isspace() or character in "-‐–/":
        return True
    following = text[index + 1] if index + 1 < len(text) else " "
    return unicodedata.east_asian_width(character) == "W" and not clings(following)


def _ends_cluster(line: Line, index: int) -> bool:
    following = index + 1
    return following == len(line.text) or (line.advances[following] > 0 and not clings(line.text[following]))


def _cut(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The spans of a slice of the text, without space at its end; each span keeps its index."""
    return [
        replace(span, text=text.rstrip() if is_last else text)
        for span, text, is_last in _slices(spans, start, end)
    ]


def _slices(spans: Sequence[Span], start: int, end: int) -> Iterator[tuple[Span, str, bool]]:
    position = 0
    for span in spans:
        stop = position + len(span.text)
        yield span, span.text[max(start - position, 0) : max(end - position, 0)], position < end <= stop
        position = stop
