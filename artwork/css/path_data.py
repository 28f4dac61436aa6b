"""Parse path data as browsers do, and write it in a form that every engine parses."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fontTools.svgLib.path.arc import EllipticalArc

from certbeam.artwork.css.tokens import format_number
from certbeam.artwork.geometry import Matrix

Point = tuple[float, float]

_NUMBER = re.compile(r"[\s,]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_FLAG = re.compile(r"[\s,]*([01])")
_COMMAND = re.compile(r"[\s,]*([MmZzLlHhVvCcSsQqTtAa])")
_END = re.compile(r"[\s,]*\Z")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
# Numbers with separators, and no number that begins with its decimal point or touches the one before it.
_CANONICAL = re.compile(
    r"(?:[MmZzLlHhVvCcSsQqTtAa] ?|-?\d+(?:\.\d+)?(?:[ ,]|(?=[MmZzLlHhVvCcSsQqTtAa-]|$)))*"
)


@dataclass(frozen=True)
class Segment:
    """Segment of a path in absolute coordinates.

    Attributes:
        command: M, L, C, Q, A or Z.
        numbers: its arguments.
    """

    command: str
    numbers: tuple[float, ...] = ()


def is_canonical_path(data: str) -> bool:
    """Return True if every engine parses path data."""
    return "a" not in data and "A" not in data and _CANONICAL.fullmatch(data) is not None


def parse_path(data: str) -> list[Segment]:
    """Parse path data up to its first error, as browsers do (SVG 2, 9.5.4)."""
    return list(_Parser(data).parse())


def is_complete_path(data: str) -> bool:
    """Return True if path data has no error."""
    parser = _Parser(data)
    for _ in parser.parse():
        pass
    return parser.is_at_end


def format_path(segments: list[Segment]) -> str:
    """Return segments as path data."""
    return "".join(
        segment.command + " ".join(format_number(number) for number in segment.numbers)
        for segment in segments
    )


def transform_path(segments: list[Segment], matrix: Matrix) -> list[Segment]:
    """Return segments in the coordinate system that a matrix leads to; arcs become curves."""
    transformed = []
    for segment in flatten_arcs(segments):
        points = list(zip(segment.numbers[::2], segment.numbers[1::2], strict=True))
        moved = [matrix @ Matrix(e=x, f=y) for x, y in points]
        transformed.append(
            Segment(segment.command, tuple(value for point in moved for value in (point.e, point.f)))
        )
    return transformed


def flatten_arcs(segments: list[Segment]) -> list[Segment]:
    """Return segments with each elliptical arc as Bézier curves."""
    result: list[Segment] = []
    current: Point = (0.0, 0.0)
    start = current
    for segment in segments:
        if segment.command == "A":
            result.extend(_convert_arc(current, segment.numbers))
        else:
            result.append(segment)
        current = start if segment.command == "Z" else (segment.numbers[-2], segment.numbers[-1])
        if segment.command == "M":
            start = current
    return result


class _ArcPen:
    """Receiver of the curves of an arc."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []

    def lineTo(self, point: Point) -> None:  # noqa: N802
        """Add a line."""
        self.segments.append(Segment("L", tuple(map(float, point))))

    def curveTo(self, *points: Point) -> None:  # noqa: N802
        """Add a cubic curve."""
        self.segments.append(Segment("C", tuple(float(value) for point in points for value in point)))


def _convert_arc(current: Point, numbers: tuple[float, ...]) -> list[Segment]:
    rx, ry, rotation, large, sweep, x, y = numbers
    if not rx or not ry:
        return [Segment("L", (x, y))]
    if current == (x, y):
        return []
    pen = _ArcPen()
    EllipticalArc(
        complex(*current), abs(rx), abs(ry), rotation, bool(large), bool(sweep), complex(x, y)
    ).draw(pen)
    return pen.segments


class _Parser:
    """Parser of one path."""

    def __init__(self, data: str) -> None:
        self._data = data
        self._position = 0
        self._current: Point = (0.0, 0.0)
        self._start: Point = (0.0, 0.0)
        self._control: tuple[str, Point] = ("", (0.0, 0.0))
        self._is_started = False

    def parse(self) -> Iterator[Segment]:
        command = ""
        while not self.is_at_end:
            match = _COMMAND.match(self._data, self._position)
            if match is not None:
                command = match[1]
                self._position = match.end()
            elif not command or command in "Zz":
                return
            if not self._is_started and command not in "Mm":
                return
            arguments = self._read_arguments(command.upper())
            if arguments is None:
                return
            yield self._move(command, arguments)
            command = {"M": "L", "m": "l"}.get(command, command)

    @property
    def is_at_end(self) -> bool:
        """True if only white space is left."""
        return _END.match(self._data, self._position) is not None

    def _read_arguments(self, command: str) -> list[float] | None:
        numbers: list[float] = []
        position = self._position
        for index in range(_COUNTS[command]):
            pattern = _FLAG if command == "A" and index in (3, 4) else _NUMBER
            match = pattern.match(self._data, position)
            if match is None or not math.isfinite(float(match[1])):
                return None
            numbers.append(float(match[1]))
            position = match.end()
        self._position = position
        return numbers

    def _move(self, command: str, numbers: list[float]) -> Segment:
        """Return the segment of a command, and move the current point to its end."""
        self._is_started = True
        upper = command.upper()
        x, y = self._current
        if upper == "Z":
            self._current, self._control = self._start, ("", self._start)
            return Segment("Z")
        if upper == "H":
            numbers = [numbers[0] + (x if command == "h" else 0.0), y]
        elif upper == "V":
            numbers = [x, numbers[0] + (y if command == "v" else 0.0)]
        elif command.islower():
            origin = [0.0] * 5 + [x, y] if upper == "A" else [x, y] * 3
            numbers = [number + offset for number, offset in zip(numbers, origin, strict=False)]
        segment = self._build(upper, numbers)
        self._current = (numbers[-2], numbers[-1])
        if upper == "M":
            self._start = self._current
        points = segment.numbers
        self._control = (
            segment.command,
            (points[-4], points[-3]) if segment.command in "CQ" else self._current,
        )
        return segment

    def _build(self, upper: str, numbers: list[float]) -> Segment:
        if upper == "S":
            return Segment("C", (*self._reflect("C"), *numbers))
        if upper == "T":
            return Segment("Q", (*self._reflect("Q"), *numbers))
        return Segment("L" if upper in "HV" else upper, tuple(numbers))

    def _reflect(self, command: str) -> Point:
        """Return the first control point of a smooth curve."""
        before, (x, y) = self._control
        if before != command:
            return self._current
        return 2 * self._current[0] - x, 2 * self._current[1] - y
