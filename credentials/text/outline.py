"""The outline of a glyph, in the forms that SVG, PDF and cairo draw it from."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import uharfbuzz
from fontTools.pens.basePen import decomposeQuadraticSegment
from fontTools.pens.recordingPen import RecordingPen

UNITS_PER_EM = 1000  # every font is scaled to these, so that outlines and advances are whole numbers

Point = tuple[int, int]


class Outline:
    """One glyph's outline, in whole units of a thousandth of an em, y pointing up.

    Attributes:
        segments: ``("M", point)``, ``("L", point)``, ``("Q", control, point)``,
            ``("C", control, control, point)`` and ``("Z",)``.
    """

    def __init__(self, font: uharfbuzz.Font, glyph: int) -> None:
        pen = RecordingPen()
        font.draw_glyph_with_pen(glyph, pen)
        self.segments = tuple(_segments(pen.value))

    @cached_property
    def svg(self) -> str:
        """SVG path data relative to the glyph's origin, y pointing down, in few bytes; empty for a space."""
        parts = []
        before = ""
        x = y = start_x = start_y = 0
        for operator, *points in self.segments:
            numbers = "".join(f",{px - x},{y - py}" for px, py in points).removeprefix(",")
            written = operator.lower() if operator != before else ","
            parts.append((written + numbers).replace(",-", "-"))
            before = operator if operator in "LQC" else ""
            if operator == "Z":
                x, y = start_x, start_y
            else:
                x, y = points[-1]
            if operator == "M":
                start_x, start_y = x, y
        return "".join(parts)

    @cached_property
    def pdf(self) -> bytes:
        """PDF path operators and the operator that fills them; empty for a space."""
        parts = []
        x = y = 0
        for operator, *points in self.segments:
            if operator == "Q":
                points = _cubic((x, y), *points)
            numbers = " ".join(f"{px:g} {py:g}" for px, py in points)
            parts.append(f"{numbers} {_PDF_OPERATORS[operator]}" if points else "h")
            if points:
                x, y = points[-1]
        return f"{' '.join(parts)} f".encode() if parts else b""

    @cached_property
    def cubic(self) -> tuple[tuple[Any, ...], ...]:
        """The segments with cubic curves only."""
        segments: list[tuple[Any, ...]] = []
        current: Point = (0, 0)
        for operator, *points in self.segments:
            segments.append(("C", *_cubic(current, *points)) if operator == "Q" else (operator, *points))
            current = points[-1] if points else current
        return tuple(segments)


_PDF_OPERATORS = {"M": "m", "L": "l", "C": "c", "Q": "c"}


def _segments(recording: Sequence[tuple[str, tuple[Any, ...]]]) -> Any:
    for operation, points in recording:
        rounded = [(round(x), round(y)) for x, y in points]
        if operation == "qCurveTo":
            for control, point in decomposeQuadraticSegment(rounded):
                yield ("Q", _round(control), _round(point))
        elif operation == "closePath":
            yield ("Z",)
        else:
            yield (_OPERATORS[operation], *rounded)


_OPERATORS = {"moveTo": "M", "lineTo": "L", "curveTo": "C"}


def _round(point: tuple[float, float]) -> Point:
    return round(point[0]), round(point[1])


def _cubic(start: Point, control: Point, end: Point) -> list[Any]:
    """A quadratic Bézier curve's two controls and end as a cubic one's."""
    first = tuple(round(a + 2 / 3 * (c - a), 1) for a, c in zip(start, control, strict=True))
    second = tuple(round(b + 2 / 3 * (c - b), 1) for b, c in zip(end, control, strict=True))
    return [first, second, end]
