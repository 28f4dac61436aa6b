"""Compute the bounding boxes of elements in the normal form, in their own user units."""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from lxml import etree

from certbeam.artwork.css.path_data import Segment, flatten_arcs, parse_path
from certbeam.artwork.css.transforms import Box, parse_numbers, parse_transform_attribute
from certbeam.artwork.geometry import Matrix
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.tree import SVG, get_href

SHAPES = frozenset({"circle", "ellipse", "line", "path", "polygon", "polyline", "rect"})
"""Names of the elements that have an outline."""

_MAX_USES = 8  # nested <use> elements
_RECTANGLES = frozenset({"rect", "image", "svg"})


def find_local_name(element: etree._Element) -> str:
    """Return the name of an SVG element without its namespace; empty for other elements."""
    return str(element.tag).removeprefix(f"{{{SVG}}}") if str(element.tag).startswith(f"{{{SVG}}}") else ""


def build_segments(element: etree._Element) -> list[Segment] | None:
    """Return the outline of a basic shape or path; None for another element, or if its geometry is unknown."""
    name = find_local_name(element)
    if name == "path":
        return parse_path(str(element.get("d", "")))
    if name in ("polygon", "polyline"):
        numbers = parse_numbers(str(element.get("points", ""))) or []
        points = list(zip(numbers[::2], numbers[1::2], strict=False))
        lines = [Segment("L" if index else "M", point) for index, point in enumerate(points)]
        return lines + ([Segment("Z")] if name == "polygon" and lines else [])
    if name == "line":
        x1, y1, x2, y2 = _read(element, "x1", "y1", "x2", "y2")
        return None if math.nan in (x1, y1, x2, y2) else [Segment("M", (x1, y1)), Segment("L", (x2, y2))]
    if name == "rect":
        return _build_rectangle(element)
    if name in ("circle", "ellipse"):
        cx, cy = _read(element, "cx", "cy")
        rx, ry = _read(element, "r", "r") if name == "circle" else _read_radii(element)
        return build_ellipse(cx, cy, rx, ry)
    return None


def _read(element: etree._Element, *names: str) -> list[float]:
    """Return attributes that are absolute lengths; an absent or unknown one is 0."""
    return [parse_length(element.get(name, "0")) or 0.0 for name in names]


def _read_radii(element: etree._Element) -> list[float]:
    """Return rx and ry, each of which defaults to the other."""
    rx, ry = parse_length(element.get("rx")), parse_length(element.get("ry"))
    return [rx if rx is not None else ry or 0.0, ry if ry is not None else rx or 0.0]


def _build_rectangle(element: etree._Element) -> list[Segment]:
    x, y, width, height = _read(element, "x", "y", "width", "height")
    rx, ry = _read_radii(element)
    return build_rectangle(x, y, width, height, [(rx, ry)] * 4)


def build_rectangle(
    x: float, y: float, width: float, height: float, radii: list[tuple[float, float]]
) -> list[Segment]:
    """Return a rectangle whose corners have radii, from the upper left one clockwise."""
    if width <= 0 or height <= 0:
        return []
    radii = [(min(rx, width / 2), min(ry, height / 2)) for rx, ry in radii]
    if not any(rx and ry for rx, ry in radii):
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        return [
            *(Segment("L" if index else "M", corner) for index, corner in enumerate(corners)),
            Segment("Z"),
        ]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = radii
    right, bottom = x + width, y + height
    return [
        Segment("M", (x + ax, y)),
        Segment("L", (right - bx, y)),
        Segment("A", (bx, by, 0, 0, 1, right, y + by)),
        Segment("L", (right, bottom - cy)),
        Segment("A", (cx, cy, 0, 0, 1, right - cx, bottom)),
        Segment("L", (x + dx, bottom)),
        Segment("A", (dx, dy, 0, 0, 1, x, bottom - dy)),
        Segment("L", (x, y + ay)),
        Segment("A", (ax, ay, 0, 0, 1, x + ax, y)),
        Segment("Z"),
    ]


def build_ellipse(cx: float, cy: float, rx: float, ry: float) -> list[Segment]:
    """Return an ellipse, from its rightmost point clockwise; nothing if a radius is not positive."""
    if rx <= 0 or ry <= 0:
        return []
    return [
        Segment("M", (cx + rx, cy)),
        *(
            Segment("A", (rx, ry, 0, 0, 1, x, y))
            for x, y in ((cx, cy + ry), (cx - rx, cy), (cx, cy - ry), (cx + rx, cy))
        ),
        Segment("Z"),
    ]


def measure_path(segments: list[Segment]) -> Box | None:
    """Return the tight bounding box of a path; None if it is empty."""
    xs: list[float] = []
    ys: list[float] = []
    current = (0.0, 0.0)
    for segment in flatten_arcs(segments):
        points = list(zip(segment.numbers[::2], segment.numbers[1::2], strict=True))
        if not points:
            continue
        xs.extend(_find_extremes(current[0], [x for x, _ in points]))
        ys.extend(_find_extremes(current[1], [y for _, y in points]))
        current = points[-1]
    return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)) if xs else None


def _find_extremes(start: float, controls: list[float]) -> Iterable[float]:
    """Return the end of a curve and its extremes in one dimension."""
    values = [start, *controls]
    if len(controls) == 1:
        return [controls[0]]
    if len(controls) == 2:
        p0, p1, p2 = values
        divisor = p0 - 2 * p1 + p2
        shares = [(p0 - p1) / divisor] if divisor else []
    else:
        p0, p1, p2, p3 = values
        a, b, c = p3 - 3 * p2 + 3 * p1 - p0, 2 * (p2 - 2 * p1 + p0), p1 - p0
        shares = _solve(a, b, c)
    return [controls[-1], *(_evaluate(values, share) for share in shares if 0 < share < 1)]


def _solve(a: float, b: float, c: float) -> list[float]:
    if abs(a) < 1e-12:
        return [-c / b] if b else []
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    root = math.sqrt(discriminant)
    return [(-b + root) / (2 * a), (-b - root) / (2 * a)]


def _evaluate(values: list[float], share: float) -> float:
    while len(values) > 1:
        values = [first + (second - first) * share for first, second in pairwise(values)]
    return values[0]


class BoxMeasurer:
    """Measurer of the elements of one document; a box is computed once, so descendants must be final."""

    def __init__(self, by_id: Mapping[str, etree._Element]) -> None:
        self._by_id = by_id
        self._boxes: dict[etree._Element, Box | None] = {}
        self._uses = 0

    def measure(self, element: etree._Element) -> Box | None:
        """Return the bounding box of an element's fill in its own user units, without its own transform.

        Returns:
            None if the element draws nothing, or if its size is not known before text is laid out.
        """
        if element not in self._boxes:
            self._boxes[element] = None  # of an element that refers to itself
            self._boxes[element] = self._compute(element)
        return self._boxes[element]

    def _compute(self, element: etree._Element) -> Box | None:
        name = find_local_name(element)
        if name in ("g", "a", "switch"):
            return unite(self._measure_outside(child) for child in element)
        if name in _RECTANGLES:
            x, y, width, height = _read(element, "x", "y", "width", "height")
            return (x, y, width, height)
        if name == "use":
            return self._measure_use(element)
        segments = build_segments(element)
        return None if segments is None else measure_path(segments)

    def _measure_use(self, use: etree._Element) -> Box | None:
        target = self._by_id.get(get_href(use).removeprefix("#"))
        if target is None or self._uses >= _MAX_USES:
            return None
        self._uses += 1
        box = self._measure_outside(target)
        self._uses -= 1
        x, y = _read(use, "x", "y")
        return None if box is None else (box[0] + x, box[1] + y, box[2], box[3])

    def _measure_outside(self, element: etree._Element) -> Box | None:
        """Return the bounding box of an element in the user units of its parent."""
        box = self.measure(element)
        matrix = parse_transform_attribute(str(element.get("transform", "")))
        return None if box is None or matrix is None else transform_box(box, matrix)


def transform_box(box: Box, matrix: Matrix) -> Box:
    """Return the bounding box of a transformed box."""
    x, y, width, height = box
    corners = [matrix @ Matrix(e=x + dx, f=y + dy) for dx in (0, width) for dy in (0, height)]
    xs, ys = [corner.e for corner in corners], [corner.f for corner in corners]
    return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def unite(boxes: Iterable[Box | None]) -> Box | None:
    """Return the box around boxes; None if there are none."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    left, top = min(box[0] for box in known), min(box[1] for box in known)
    right, bottom = max(box[0] + box[2] for box in known), max(box[1] + box[3] for box in known)
    return (left, top, right - left, bottom - top)
