"""Draw underlines and other decorations of a line (CSS Text Decoration 4), with the geometry of Chromium."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from certbeam.artwork.text.baselines import ascent, round_to_pixel
from certbeam.artwork.text.font import Font
from certbeam.artwork.text.outline import UNITS_PER_EM, Outline, PositionedGlyph
from certbeam.artwork.text.shaping import GlyphRun, ShapedLine
from certbeam.artwork.text.spans import Decoration, Span

_MAX_DILATION = 13.0  # user units: how far a line ends before a descender, at most
_CURVE_SEGMENTS = 8
_DASH = 3.0  # of the thickness, with gaps of 2
_WAVE = (2.0, 3.0)  # half the length and the height of a wave, of the thickness

Interval = tuple[float, float]


class _Shape(Outline):
    """Outline that is not a glyph of a font."""

    def __init__(self, segments: Sequence[tuple[Any, ...]]) -> None:
        self.segments = tuple(segments)


def decorate(line: ShapedLine, spans: Sequence[Span], *, by_cluster: bool = False) -> ShapedLine:
    """Return a line with the decorations of its spans: underlines below the glyphs, lines through them above.

    Args:
        line: the shaped line.
        spans: its spans.
        by_cluster: True to draw a line for each glyph run, so that it can follow a path.
    """
    below: list[GlyphRun] = []
    above: list[GlyphRun] = []
    for runs in [[run] for run in line.runs] if by_cluster else _group_runs(line.runs):
        span = spans[runs[0].span_index]
        for decoration in span.decorations:
            drawn = _draw(decoration, runs, span)
            (above if decoration.kind == "line-through" else below).extend(drawn)
    return replace(line, runs=(*below, *line.runs, *above))


def _group_runs(runs: Sequence[GlyphRun]) -> Iterator[list[GlyphRun]]:
    """Yield sequences of adjacent runs of the same span, baseline and rotation."""
    group: list[GlyphRun] = []
    for run in runs:
        if group and not _continues(group[-1], run):
            yield group
            group = []
        group.append(run)
    if group:
        yield group


def _continues(run: GlyphRun, following: GlyphRun) -> bool:
    return (
        run.span_index == following.span_index
        and run.rotation == following.rotation == 0
        and run.baseline_offset == following.baseline_offset
        and math.isclose(run.x + run.width, following.x, abs_tol=0.01)
    )


def _draw(decoration: Decoration, runs: Sequence[GlyphRun], span: Span) -> list[GlyphRun]:
    first = runs[0]
    width = runs[-1].x + runs[-1].width - first.x
    scale = span.style.size / UNITS_PER_EM
    thickness = decoration.thickness / scale
    bottom = _find_bottom(decoration, first.font, span.style.size) / scale
    end = width / scale
    if decoration.kind == "line-through" or not decoration.skips_ink:
        intervals = [(0.0, end)]
    else:
        dilation = min(decoration.thickness, _MAX_DILATION) / scale
        glyphs = [
            (outline, round((run.x - first.x) / scale + left), y)
            for run in runs
            for outline, left, y in run.glyphs
        ]
        gaps = _find_gaps(glyphs, bottom, bottom + thickness, dilation)
        intervals = list(_subtract(end, gaps))
    segments = [
        segment
        for interval in intervals
        for segment in _draw_pattern(decoration.pattern, *interval, bottom, thickness)
    ]
    if not segments:
        return []
    shape = _Shape(segments)
    return [
        replace(
            first,
            scale=scale,
            glyphs=((shape, 0, 0),),
            width=width if len(runs) == 1 else 0.0,
            stretch=1.0,
            paint=first.paint if decoration.paint is None else decoration.paint,
        )
    ]


def _find_bottom(decoration: Decoration, font: Font | None, size: float) -> float:
    """Return how far the lower edge of a decoration is above the baseline, in user units."""
    thickness, pixel = decoration.thickness, decoration.pixel
    if decoration.kind == "underline":
        return -thickness - max(pixel, pixel * math.ceil(thickness / 2 / pixel))
    top = size if font is None else round_to_pixel(ascent(font) * size, pixel)
    return top if decoration.kind == "overline" else top / 3 - thickness / 2


def _find_gaps(
    glyphs: Sequence[PositionedGlyph], bottom: float, top: float, dilation: float
) -> Iterator[Interval]:
    """Yield the interval that each glyph covers between two heights, widened at both sides."""
    for outline, left, y in glyphs:
        crossings = [left + x for x in _find_crossings(outline, bottom - y, top - y)]
        if crossings:
            yield min(crossings) - dilation, max(crossings) + dilation


def _find_crossings(outline: Outline, bottom: float, top: float) -> Iterator[float]:
    """Yield the x coordinates where an outline enters, leaves or bends between two heights."""
    start = current = (0.0, 0.0)
    for operator, *points in outline.cubic_segments:
        if operator == "M":
            start = current = points[0]
            continue
        ends = [*_flatten(current, points)] if points else [start]
        for (x0, y0), (x1, y1) in pairwise([current, *ends]):
            if bottom <= y1 <= top:
                yield x1
            for height in (bottom, top):
                if (y0 - height) * (y1 - height) < 0:
                    yield x0 + (height - y0) / (y1 - y0) * (x1 - x0)
        current = ends[-1]


def _flatten(start: Any, points: Sequence[Any]) -> Iterator[tuple[float, float]]:
    if len(points) == 1:
        yield points[0]
        return
    controls = (start, *points)
    for step in range(1, _CURVE_SEGMENTS + 1):
        t = step / _CURVE_SEGMENTS
        u = 1 - t
        weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
        x, y = (
            sum(weight * point[axis] for weight, point in zip(weights, controls, strict=True))
            for axis in (0, 1)
        )
        yield x, y


def _subtract(end: float, gaps: Iterator[Interval]) -> Iterator[Interval]:
    """Yield what remains of the interval from 0 to ``end`` without the gaps."""
    position = 0.0
    for left, right in sorted(gaps):
        if left > position:
            yield position, min(left, end)
        position = max(position, right)
    if position < end:
        yield position, end


def _draw_pattern(
    pattern: str, left: float, right: float, bottom: float, thickness: float
) -> Iterator[tuple[Any, ...]]:
    if pattern == "double":
        yield from _rectangle(left, right, bottom, thickness)
        yield from _rectangle(left, right, bottom - 1.1 * thickness, thickness)
    elif pattern in ("dotted", "dashed"):
        dash = thickness if pattern == "dotted" else _DASH * thickness
        gap = thickness if pattern == "dotted" else 2 * thickness
        x = left
        while x < right:
            yield from _rectangle(x, min(x + dash, right), bottom, thickness)
            x += dash + gap
    elif pattern == "wavy":
        yield from _wave(left, right, bottom, thickness)
    else:
        yield from _rectangle(left, right, bottom, thickness)


def _rectangle(left: float, right: float, bottom: float, height: float) -> Iterator[tuple[Any, ...]]:
    x0, x1, y0, y1 = round(left), round(right), round(bottom), round(bottom + height)
    yield from (("M", (x0, y0)), ("L", (x1, y0)), ("L", (x1, y1)), ("L", (x0, y1)), ("Z",))


def _wave(left: float, right: float, bottom: float, thickness: float) -> Iterator[tuple[Any, ...]]:
    """Yield a band between two zigzag lines, of waves that are cut off at the end."""
    step, height = (factor * thickness for factor in _WAVE)
    count = max(1, math.ceil((right - left) / step))
    points = [
        (min(left + index * step, right), bottom - (height if index % 2 else 0)) for index in range(count + 1)
    ]
    upper = [(round(x), round(y + thickness)) for x, y in points]
    lower = [(round(x), round(y)) for x, y in reversed(points)]
    yield ("M", upper[0])
    for point in [*upper[1:], *lower]:
        yield ("L", point)
    yield ("Z",)
