"""Text along a path: where each of its letters stands, and how it is turned."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path.parser import parse_path

from certbeam.credentials.text.fonts import FontLibrary
from certbeam.credentials.text.layout import Anchor, PlacedLine, TextBlock, TextTooLongError
from certbeam.credentials.text.shape import GlyphRun, Span, shape_line

_STEPS = 400  # straight pieces for each curve: beyond what can be seen on paper

Point = tuple[float, float]


@dataclass(frozen=True)
class Track:
    """A path as straight pieces.

    Attributes:
        points: their ends.
        distances: how far along the path each of them is, in user units.
    """

    points: tuple[Point, ...]
    distances: tuple[float, ...]

    @property
    def length(self) -> float:
        """Of the whole path, in user units."""
        return self.distances[-1]

    def at(self, distance: float) -> tuple[Point, float]:
        """A place on the path, and the path's direction there in radians, clockwise from the right."""
        index = min(max(bisect_right(self.distances, distance), 1), len(self.points) - 1)
        (x0, y0), (x1, y1) = self.points[index - 1], self.points[index]
        whole = self.distances[index] - self.distances[index - 1]
        part = (distance - self.distances[index - 1]) / whole
        return (x0 + part * (x1 - x0), y0 + part * (y1 - y0)), math.atan2(y1 - y0, x1 - x0)


def read_track(path_data: str) -> Track | None:
    """The track of SVG path data; None if that has errors, no length, or more than one part."""
    pen = _Pen()
    try:
        parse_path(path_data, pen)
    except (ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError):
        return None
    points = [pen.points[0]] if pen.points else []
    points += [after for before, after in pairwise(pen.points) if after != before]
    if pen.parts != 1 or len(points) < 2 or not all(map(math.isfinite, sum(points, ()))):
        return None
    distances = [0.0]
    for before, after in pairwise(points):
        distances.append(distances[-1] + math.dist(before, after))
    return Track(tuple(points), tuple(distances))


class _Pen(BasePen):
    """Takes a path down as straight pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[Point] = []
        self.parts = 0
        self._start: Point | None = None  # of a part that has nothing yet

    def _moveTo(self, point: Point) -> None:  # noqa: N802 - fontTools' name
        self._start = point

    def _draw(self, *points: Point) -> None:
        if self._start is not None:
            self.parts += 1
            self.points.append(self._start)
            self._start = None
        self.points.extend(points)

    def _lineTo(self, point: Point) -> None:  # noqa: N802
        self._draw(point)

    def _curveToOne(self, first: Point, second: Point, end: Point) -> None:  # noqa: N802
        self._draw()
        start = self.points[-1]
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            u = 1 - t
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            points = (start, first, second, end)
            x, y = (
                sum(weight * point[axis] for weight, point in zip(weights, points, strict=True))
                for axis in (0, 1)
            )
            self.points.append((x, y))

    def _closePath(self) -> None:  # noqa: N802
        self._draw(self.points[0] if self.points else (0.0, 0.0))


def set_on_track(
    spans: Sequence[Span],
    track: Track,
    start: float,
    anchor: Anchor,
    fonts: FontLibrary,
    *,
    language: str = "en",
    right_to_left: bool | None = None,
    smallest: float = 1.0,
) -> TextBlock:
    """Shape text and set it along a path, each letter upright on it; a text too long is made smaller.

    Args:
        spans: the text, in logical order.
        track: the path.
        start: how far along the path its anchor is, in user units.
        anchor: what of the text stands there.
        fonts: where fonts are chosen from.
        language: BCP 47 tag.
        right_to_left: the direction of the line; None for that of its first letter.
        smallest: the part of its size down to which it may shrink, from 0 to 1.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
        TextTooLongError: it is longer than the path even in its smallest size.
    """
    line = shape_line(spans, fonts, language, right_to_left=right_to_left, by_letter=True)
    before, after = max(start, 0.0), max(track.length - start, 0.0)
    room = {Anchor.START: after, Anchor.END: before, Anchor.MIDDLE: 2 * min(before, after)}[anchor]
    zoom = min(1.0, room / line.width) if line.width else 1.0
    if zoom < smallest or zoom == 0:
        raise TextTooLongError("it is longer than the path that it stands on: shorten it")
    left = start - anchor.value * line.width * zoom
    (x, y), _ = track.at(left)
    runs = tuple(_on_track(run, track, left, zoom, (x, y)) for run in line.runs)
    (end_x, end_y), _ = track.at(left + line.width * zoom)
    width = max(math.dist((x, y), (end_x, end_y)), line.width * zoom / 2)  # of a circle, something
    placed = replace(line, runs=runs, width=width / zoom)
    return TextBlock(tuple(spans), (PlacedLine(placed, x, y, zoom),))


def _on_track(run: GlyphRun, track: Track, left: float, zoom: float, origin: Point) -> GlyphRun:
    """A letter moved to its place: the middle of its baseline on the path, in the path's direction."""
    half = run.width * zoom / 2
    (x, y), angle = track.at(left + run.x * zoom + half)
    x += -half * math.cos(angle) - run.rise * zoom * math.sin(angle)
    y += -half * math.sin(angle) + run.rise * zoom * math.cos(angle)
    turn = run.turn + math.degrees(angle)
    return replace(run, x=(x - origin[0]) / zoom, rise=(y - origin[1]) / zoom, turn=turn)
