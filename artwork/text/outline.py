"""Write the outline of a glyph as SVG path data, as PDF operators and as cubic segments."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import uharfbuzz
from fontTools.pens.basePen import decomposeQuadraticSegment
from fontTools.pens.recordingPen import RecordingPen

UNITS_PER_EM = 1000
"""Outline units in an em. Every font is scaled to these, so that outlines and advances are whole numbers."""

Point = tuple[int, int]


@dataclass(frozen=True)
class GlyphImage:
    """Bitmap image of a glyph, such as an emoji in colour.

    Attributes:
        png: the image as a PNG file.
        left: its left edge, in outline units from the glyph's origin.
        top: its upper edge above the baseline, in outline units.
        width, height: its size in outline units.
        slant: how far its points are moved to the right, in parts of their height above the baseline.
    """

    png: bytes
    left: int
    top: int
    width: int
    height: int
    slant: float = 0.0

    @cached_property
    def data_uri(self) -> str:
        """The image as a ``data:`` URI."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


class Outline:
    """Outline of one glyph in outline units, with y pointing up.

    Attributes:
        image: the image that is drawn in its place; None for a glyph that is only an outline.
        segments: ``("M", point)``, ``("L", point)``, ``("Q", control, point)``,
            ``("C", control, control, point)`` and ``("Z",)``.
    """

    image: GlyphImage | None = None

    def __init__(self, font: uharfbuzz.Font, glyph: int, rise: float = 0.0) -> None:
        """Read an outline from a font.

        Args:
            font: the font, scaled to UNITS_PER_EM.
            glyph: the glyph id.
            rise: by how much the outline is moved up, in outline units.
        """
        pen = RecordingPen()
        font.draw_glyph_with_pen(glyph, pen)
        self.segments = tuple(_rounded_segments(pen.value, rise))

    @cached_property
    def svg(self) -> str:
        """SVG path data relative to the glyph's origin, with y pointing down; empty for a space.

        Relative commands keep it short, because each certificate contains the outlines of its texts.
        """
        commands = []
        repeatable = ""
        x = y = start_x = start_y = 0
        for operator, *points in self.segments:
            numbers = "".join(f",{px - x},{y - py}" for px, py in points).removeprefix(",")
            command = operator.lower() if operator != repeatable else ","
            commands.append((command + numbers).replace(",-", "-"))
            repeatable = operator if operator in "LQC" else ""
            if operator == "Z":
                x, y = start_x, start_y
            else:
                x, y = points[-1]
            if operator == "M":
                start_x, start_y = x, y
        return "".join(commands)

    @cached_property
    def pdf(self) -> bytes:
        """PDF path operators and the operator that fills the path; empty for a space."""
        commands = []
        x = y = 0
        for operator, *points in self.segments:
            if operator == "Q":
                points = _quadratic_to_cubic((x, y), *points)
            numbers = " ".join(f"{px:g} {py:g}" for px, py in points)
            commands.append(f"{numbers} {_PDF_OPERATORS[operator]}" if points else "h")
            if points:
                x, y = points[-1]
        return f"{' '.join(commands)} f".encode() if commands else b""

    @cached_property
    def cubic_segments(self) -> tuple[tuple[Any, ...], ...]:
        """Segments with quadratic curves converted to cubic ones."""
        segments: list[tuple[Any, ...]] = []
        current: Point = (0, 0)
        for operator, *points in self.segments:
            segments.append(
                ("C", *_quadratic_to_cubic(current, *points)) if operator == "Q" else (operator, *points)
            )
            current = points[-1] if points else current
        return tuple(segments)


PositionedGlyph = tuple[Outline, int, int]
"""Outline and the x and y of its origin, in outline units, with y pointing up."""

_SEGMENT_OPERATORS = {"moveTo": "M", "lineTo": "L", "curveTo": "C"}
_PDF_OPERATORS = {"M": "m", "L": "l", "C": "c", "Q": "c"}


def _rounded_segments(
    recording: Sequence[tuple[str, tuple[Any, ...]]], rise: float
) -> Iterator[tuple[Any, ...]]:
    """Yield the segments of a fontTools recording, moved up, with whole coordinates."""
    for operation, points in recording:
        rounded = [(round(x), round(y + rise)) for x, y in points]
        if operation == "qCurveTo":
            for control, point in decomposeQuadraticSegment(rounded):
                yield ("Q", _round(control), _round(point))
        elif operation == "closePath":
            yield ("Z",)
        else:
            yield (_SEGMENT_OPERATORS[operation], *rounded)


def _round(point: tuple[float, float]) -> Point:
    return round(point[0]), round(point[1])


def _quadratic_to_cubic(start: Point, control: Point, end: Point) -> list[Any]:
    """Return both control points and the end point of a quadratic Bézier curve as a cubic one."""
    first = tuple(round(a + 2 / 3 * (c - a), 1) for a, c in zip(start, control, strict=True))
    second = tuple(round(b + 2 / 3 * (c - b), 1) for b, c in zip(end, control, strict=True))
    return [first, second, end]
