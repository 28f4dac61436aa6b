"""Lay out text on a path: find the position and the rotation of each letter."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path.parser import parse_path

from certbeam.artwork.text.decorations import decorate
from certbeam.artwork.text.fonts import FontLibrary
from certbeam.artwork.text.layout import Anchor, PlacedLine, TextBlock, TextTooLongError
from certbeam.artwork.text.shaping import GlyphRun, shape_line
from certbeam.artwork.text.spans import Span

_CURVE_SEGMENTS = 400  # line segments for each curve: the difference is too small to see in print

Point = tuple[float, float]


@dataclass(frozen=True)
class FlattenedPath:
    """Path as line segments, in user units.

    Attributes:
        points: the ends of the segments; no point equals the one before it.
        distances: distance of each point from the start, along the path.
    """

    points: tuple[Point, ...]
    distances: tuple[float, ...]

    @property
    def length(self) -> float:
        """Length of the whole path."""
        return self.distances[-1]

    def point_at(self, distance: float) -> tuple[Point, float]:
        """Return a point of the path and the path's direction there.

        Args:
            distance: distance from the start, along the path. Beyond an end, the last segment is extended.

        Returns:
            The point, and the direction in radians clockwise from the x axis.
        """
        index = min(max(bisect_right(self.distances, distance), 1), len(self.points) - 1)
        (x0, y0), (x1, y1) = self.points[index - 1], self.points[index]
        segment_length = self.distances[index] - self.distances[index - 1]
        share = (distance - self.distances[index - 1]) / segment_length
        return (x0 + share * (x1 - x0), y0 + share * (y1 - y0)), math.atan2(y1 - y0, x1 - x0)


def flatten_path(path_data: str) -> FlattenedPath | None:
    """Parse SVG path data and flatten its curves.

    Returns:
        The flattened path; None if the path data is invalid, has no length, or has more than one subpath.
    """
    pen = _FlatteningPen()
    try:
        parse_path(path_data, pen)
    except (ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError):
        return None
    points = [pen.points[0]] if pen.points else []
    points += [point for previous, point in pairwise(pen.points) if point != previous]
    if pen.subpaths != 1 or len(points) < 2 or not all(map(math.isfinite, sum(points, ()))):
        return None
    distances = [0.0]
    for previous, point in pairwise(points):
        distances.append(distances[-1] + math.dist(previous, point))
    return FlattenedPath(tuple(points), tuple(distances))


class _FlatteningPen(BasePen):
    """Pen that records a path as line segments.

    Attributes:
        points: the ends of the segments of all subpaths.
        subpaths: number of subpaths that have a segment.
    """

    def __init__(self) -> None:
        super().__init__()
        self.points: list[Point] = []
        self.subpaths = 0
        self._pending_start: Point | None = None  # start of a subpath without a segment yet

    def _moveTo(self, point: Point) -> None:  # noqa: N802 - fontTools' name
        self._pending_start = point

    def _add_points(self, *points: Point) -> None:
        if self._pending_start is not None:
            self.subpaths += 1
            self.points.append(self._pending_start)
            self._pending_start = None
        self.points.extend(points)

    def _lineTo(self, point: Point) -> None:  # noqa: N802
        self._add_points(point)

    def _curveToOne(self, first: Point, second: Point, end: Point) -> None:  # noqa: N802
        self._add_points()
        start = self.points[-1]
        for step in range(1, _CURVE_SEGMENTS + 1):
            t = step / _CURVE_SEGMENTS
            u = 1 - t
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            points = (start, first, second, end)
            x, y = (
                sum(weight * point[axis] for weight, point in zip(weights, points, strict=True))
                for axis in (0, 1)
            )
            self.points.append((x, y))

    def _closePath(self) -> None:  # noqa: N802
        self._add_points(self.points[0] if self.points else (0.0, 0.0))


def lay_out_on_path(
    spans: Sequence[Span],
    path: FlattenedPath,
    start: float,
    anchor: Anchor,
    fonts: FontLibrary,
    *,
    language: str = "en",
    right_to_left: bool | None = None,
    min_scale: float = 1.0,
) -> TextBlock:
    """Shape text and lay it out along a path, with each letter upright on the path.

    A text that is longer than the path shrinks, at most to ``min_scale`` of its size.

    Args:
        spans: the text, in logical order.
        path: the path.
        start: distance of the anchor point from the start of the path, in user units (SVG's ``startOffset``).
        anchor: the point of the text that is placed there.
        fonts: the fonts to choose from.
        language: BCP 47 tag.
        right_to_left: True if the line runs from right to left; None takes the direction of its first letter.
        min_scale: smallest factor by which the text may shrink, from 0 to 1.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
        TextTooLongError: the text is longer than the path even at its smallest size.
    """
    line = shape_line(spans, fonts, language, right_to_left=right_to_left, split_clusters=True)
    if any(span.decorations for span in spans):
        line = decorate(line, spans, by_cluster=True)
    scale = _scale_to_fit(line.width, path, start, anchor)
    if scale < min_scale or scale == 0:
        raise TextTooLongError("the text is longer than the path: shorten it")
    left = start - anchor.value * line.width * scale
    (x, y), _ = path.point_at(left)
    runs = tuple(_place_on_path(run, path, left, scale, (x, y)) for run in line.runs)
    (end_x, end_y), _ = path.point_at(left + line.width * scale)
    # The invisible text is straight. On a full circle its two ends meet, and it must keep a width.
    width = max(math.dist((x, y), (end_x, end_y)), line.width * scale / 2)
    placed = replace(line, runs=runs, width=width / scale)
    return TextBlock(tuple(spans), (PlacedLine(placed, x, y, scale),))


def _scale_to_fit(width: float, path: FlattenedPath, start: float, anchor: Anchor) -> float:
    """Return the largest factor, at most 1, that fits a width between the anchor point and the ends of the path."""
    before, after = max(start, 0.0), max(path.length - start, 0.0)
    room = {Anchor.START: after, Anchor.END: before, Anchor.MIDDLE: 2 * min(before, after)}[anchor]
    return min(1.0, room / width) if width else 1.0


def _place_on_path(run: GlyphRun, path: FlattenedPath, left: float, scale: float, origin: Point) -> GlyphRun:
    """Return the glyph run of a letter with the middle of its baseline on the path, rotated to its direction.

    Args:
        run: a letter of the straight line.
        path: the path.
        left: distance of the line's left end from the start of the path.
        scale: factor by which the line is scaled.
        origin: position of the line, from which the run's position is measured.
    """
    half = run.width * scale / 2
    (x, y), direction = path.point_at(left + run.x * scale + half)
    x += -half * math.cos(direction) - run.baseline_offset * scale * math.sin(direction)
    y += -half * math.sin(direction) + run.baseline_offset * scale * math.cos(direction)
    return replace(
        run,
        x=(x - origin[0]) / scale,
        baseline_offset=(y - origin[1]) / scale,
        rotation=run.rotation + math.degrees(direction),
    )
