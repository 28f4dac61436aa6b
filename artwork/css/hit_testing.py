"""Test whether outlines reach a rectangle."""

from itertools import pairwise

from certbeam.artwork.css.path_data import Segment, flatten_arcs
from certbeam.artwork.geometry import Box, Matrix

_CURVE_STEPS = 8  # lines for each curve

Point = tuple[float, float]
"""x and y."""


def apply_matrix(matrix: Matrix, point: Point) -> Point:
    """Return a transformed point."""
    x, y = point
    return matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f


def do_overlap(first: Box, second: Box) -> bool:
    """Return True if two boxes have a common point that is inside of both."""
    return (
        first.left < second.right
        and second.left < first.right
        and first.top < second.bottom
        and second.top < first.bottom
    )


def flatten_outline(segments: list[Segment], matrix: Matrix) -> list[list[Point]]:
    """Return the subpaths of an outline as transformed points."""
    subpaths: list[list[Point]] = []
    for segment in flatten_arcs(segments):
        controls = list(zip(segment.numbers[::2], segment.numbers[1::2], strict=True))
        points = [apply_matrix(matrix, control) for control in controls]
        if segment.command == "M":
            subpaths.append(points)
        elif not points and subpaths:
            subpaths[-1].append(subpaths[-1][0])
        elif subpaths:
            start = subpaths[-1][-1]
            steps = (
                [1.0] if len(points) == 1 else [step / _CURVE_STEPS for step in range(1, _CURVE_STEPS + 1)]
            )
            subpaths[-1].extend(_evaluate([start, *points], share) for share in steps)
    return subpaths


def _evaluate(points: list[Point], share: float) -> Point:
    """Return a point of a Bézier curve by the algorithm of de Casteljau."""
    while len(points) > 1:
        points = [(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for (x1, y1), (x2, y2) in pairwise(points)]
    return points[0]


def crosses(start: Point, end: Point, box: Box) -> bool:
    """Return True if a line has a point inside of a box (clipping of Liang and Barsky)."""
    first, last = 0.0, 1.0
    dx, dy = end[0] - start[0], end[1] - start[1]
    for delta, low, high in (
        (dx, box.left - start[0], box.right - start[0]),
        (dy, box.top - start[1], box.bottom - start[1]),
    ):
        if not delta:
            if low > 0 or high < 0:
                return False
            continue
        near, far = sorted((low / delta, high / delta))
        first, last = max(first, near), min(last, far)
    return first <= last


def count_windings(subpaths: list[list[Point]], point: Point) -> int:
    """Return how often closed subpaths wind around a point, clockwise ones positive."""
    x, y = point
    windings = 0
    for points in subpaths:
        for (x1, y1), (x2, y2) in pairwise([*points, points[0]]):
            if (y1 <= y) != (y2 <= y) and x1 + (y - y1) / (y2 - y1) * (x2 - x1) > x:
                windings += 1 if y2 > y1 else -1
    return windings
