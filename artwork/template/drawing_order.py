"""Find the placeholders that later elements cover, because the overlay is drawn over the whole background."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from certbeam.artwork.css.bounds import SHAPES, BoxMeasurer, build_segments, find_local_name
from certbeam.artwork.css.hit_testing import (
    Point,
    apply_matrix,
    count_windings,
    crosses,
    do_overlap,
    flatten_outline,
)
from certbeam.artwork.css.transforms import parse_transform_attribute
from certbeam.artwork.geometry import Box, Matrix
from certbeam.artwork.svg.cascade import Cascade
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.tree import get_href
from certbeam.artwork.svg.view_box import ViewBox, find_viewport

_GROUPS = frozenset({"svg", "g", "a", "switch"})
_DRAWN = SHAPES | {"image", "use", "svg"}
_FILTER_MARGIN = 0.1  # of a side; the default filter region of SVG 1.1 §15.5
_MARKER_MARGIN = 6.0  # stroke widths
_MAX_CLIP_SHAPES = 20  # in a clipping path; one with more is ignored
_MAX_EDGES = 100_000  # that are compared with placeholders; beyond, shapes count as their boxes


@dataclass(frozen=True, eq=False)
class _Shape:
    """Element that is drawn.

    Attributes:
        element: the element.
        matrix: from its user units to those of the root element; None if it is unknown.
        clip: what the clipping paths around it leave, in the root's user units.
        has_filter: True if a filter around it can draw outside of it.
    """

    element: etree._Element
    matrix: Matrix | None
    clip: Box
    has_filter: bool


_EVERYWHERE = Box(-math.inf, -math.inf, math.inf, math.inf)


class DrawingOrder:
    """Drawing order of the elements of one template in the normal form, before any is replaced by a placeholder."""

    def __init__(self, root: etree._Element, cascade: Cascade, view_box: ViewBox) -> None:
        self._cascade = cascade
        self._view_box = view_box
        elements = list(root.iter(etree.Element))
        self._indexes = {element: index for index, element in enumerate(elements)}
        self._by_id = {str(element.get("id")): element for element in reversed(elements) if element.get("id")}
        self._boxes = BoxMeasurer(self._by_id)
        self._shapes = list(self._find_shapes(root))
        self._bounds: dict[etree._Element, Box | None] = {
            shape.element: self._find_bounds(shape)
            for shape in self._shapes
            if find_local_name(shape.element) == "image"  # the image of a QR code is replaced
        }
        self._outlines: dict[etree._Element, list[list[Point]]] = {}
        self._edges = 0

    def is_covered(self, element: etree._Element, boxes: Sequence[Box] | None) -> bool:
        """Return True if a visible element that is drawn later covers a part of a placeholder.

        Text does not count, because the overlay has its own order of text.

        Args:
            element: the element of the placeholder.
            boxes: what the placeholder covers, in the user units of the root; None if it is unknown.
        """
        index = self._indexes[element]
        later = (shape for shape in self._shapes if self._indexes[shape.element] > index)
        return any(self._covers(shape, boxes) for shape in later)

    def _find_shapes(self, root: etree._Element) -> Iterator[_Shape]:
        stack = [_Shape(child, Matrix(), _EVERYWHERE, False) for child in reversed(root)]
        while stack:
            outer = stack.pop()
            name = find_local_name(outer.element)
            if name not in _GROUPS | _DRAWN or not self._is_displayed(outer.element):
                continue
            shape = self._enter(outer)
            if name in _DRAWN:
                yield shape
            else:
                inner = (shape.matrix, shape.clip, shape.has_filter)
                stack.extend(_Shape(child, *inner) for child in reversed(shape.element))

    def _enter(self, outer: _Shape) -> _Shape:
        """Apply the transform, the clipping path and the filter of an element."""
        element = outer.element
        own = parse_transform_attribute(str(element.get("transform", "")))
        matrix = None if outer.matrix is None or own is None else outer.matrix @ own
        clip = outer.clip
        if "clip-path" in element.attrib and matrix is not None:
            clip = self._clip(clip, str(element.get("clip-path")), matrix)
        return _Shape(element, matrix, clip, outer.has_filter or "filter" in element.attrib)

    def _clip(self, clip: Box, reference: str, matrix: Matrix) -> Box:
        path = self._by_id.get(reference.removeprefix("url(#").removesuffix(")"))
        if (
            path is None
            or len(path) > _MAX_CLIP_SHAPES
            or path.get("clipPathUnits") == "objectBoundingBox"
            or "transform" in path.attrib
        ):
            return clip
        boxes = []
        for child in path:
            box = self._boxes.measure(child)
            own = parse_transform_attribute(str(child.get("transform", "")))
            if box is None or own is None:
                return clip
            boxes.append(_transform(box, matrix @ own))
        left, top = min((box.left for box in boxes), default=0), min((box.top for box in boxes), default=0)
        right, bottom = (
            max((box.right for box in boxes), default=0),
            max((box.bottom for box in boxes), default=0),
        )
        return Box(max(left, clip.left), max(top, clip.top), min(right, clip.right), min(bottom, clip.bottom))

    def _is_displayed(self, element: etree._Element) -> bool:
        style = self._cascade.declared_style(element)
        return style.get("display") != "none" and style.get("opacity") not in ("0", "0.0")

    def _covers(self, shape: _Shape, boxes: Sequence[Box] | None) -> bool:
        if not self._is_painted(shape.element):
            return False
        if shape.element not in self._bounds:
            self._bounds[shape.element] = self._find_bounds(shape)
        bounds = self._bounds[shape.element]
        if bounds is None or boxes is None:
            return bounds is not None or not self._draws_nothing(shape.element)
        return any(do_overlap(bounds, box) and self._reaches(shape, box) for box in boxes)

    def _is_painted(self, element: etree._Element) -> bool:
        style = self._cascade.computed_style(element)
        if style.get("visibility", "visible") != "visible":
            return False
        return find_local_name(element) not in SHAPES or self._is_filled(element) or self._is_stroked(element)

    def _is_filled(self, element: etree._Element) -> bool:
        style = self._cascade.computed_style(element)
        return style.get("fill", "black") != "none" and style.get("fill-opacity") != "0"

    def _is_stroked(self, element: etree._Element) -> bool:
        style = self._cascade.computed_style(element)
        return style.get("stroke", "none") != "none" and style.get("stroke-opacity") != "0"

    def _draws_nothing(self, element: etree._Element) -> bool:
        """Return True if an element without a bounding box is an empty shape, not one of unknown size."""
        return find_local_name(element) in SHAPES and not build_segments(element)

    def _find_bounds(self, shape: _Shape) -> Box | None:
        """Return what an element covers at most, in the root's user units; None if it is unknown."""
        box = self._measure(shape.element)
        if box is None or shape.matrix is None:
            return None
        bounds = _transform(box, shape.matrix)
        margin = self._find_margin(shape)
        across = margin + (_FILTER_MARGIN * bounds.width if shape.has_filter else 0.0)
        down = margin + (_FILTER_MARGIN * bounds.height if shape.has_filter else 0.0)
        clip = shape.clip
        return Box(
            max(bounds.left - across, clip.left),
            max(bounds.top - down, clip.top),
            min(bounds.right + across, clip.right),
            min(bounds.bottom + down, clip.bottom),
        )

    def _measure(self, element: etree._Element) -> tuple[float, float, float, float] | None:
        name = find_local_name(element)
        if name in ("image", "svg") or (name == "use" and self._refers_to_symbol(element)):
            return self._measure_viewport(element)
        return self._boxes.measure(element)

    def _measure_viewport(self, element: etree._Element) -> tuple[float, float, float, float] | None:
        """Return the position and size of an element that has them as attributes; None if they are unknown."""
        across, down = find_viewport(element, self._view_box)
        lengths = [
            _parse_length(str(element.get(name, default)), base)
            for name, default, base in (
                ("x", "0", across),
                ("y", "0", down),
                ("width", "", across),
                ("height", "", down),
            )
        ]
        x, y, width, height = lengths
        if x is None or y is None or width is None or height is None:
            return None
        return x, y, width, height

    def _refers_to_symbol(self, use: etree._Element) -> bool:
        target = self._by_id.get(get_href(use).removeprefix("#"))
        return target is not None and find_local_name(target) == "symbol"

    def _find_margin(self, shape: _Shape) -> float:
        """Return how far the stroke of a shape reaches beyond its outline, in the root's user units."""
        if find_local_name(shape.element) not in SHAPES or not self._is_stroked(shape.element):
            return 0.0
        matrix = shape.matrix or Matrix()
        scale = max(math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d))
        width = parse_length(self._cascade.computed_style(shape.element).get("stroke-width", "1")) or 1.0
        has_markers = any(str(name).startswith("marker") for name in shape.element.attrib)
        return scale * width * (_MARKER_MARGIN if has_markers else 0.5)

    def _reaches(self, shape: _Shape, box: Box) -> bool:
        """Return True if the outline or the inside of a shape, whose bounds overlap a box, reaches that box."""
        element = shape.element
        if find_local_name(element) not in SHAPES or shape.has_filter or self._edges > _MAX_EDGES:
            return True
        outline = self._outlines.get(element)
        if outline is None:
            segments = build_segments(element) or []
            outline = self._outlines[element] = flatten_outline(segments, shape.matrix or Matrix())
        self._edges += sum(map(len, outline))
        margin = self._find_margin(shape)
        edge = Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)
        if any(crosses(start, end, edge) for points in outline for start, end in pairwise(points)):
            return True
        if not self._is_filled(element):
            return False
        rules = (item.get("fill-rule") for item in (element, *element.iterancestors()))
        rule = next((rule for rule in rules if rule), "nonzero")
        winding = count_windings(outline, ((box.left + box.right) / 2, (box.top + box.bottom) / 2))
        return bool(winding % 2 if rule == "evenodd" else winding)


def _parse_length(length: str, base: float) -> float | None:
    """Return a length in user units, of which a percentage is a part of a base."""
    if not length.endswith("%"):
        return parse_length(length)
    share = parse_length(length[:-1])
    return None if share is None else share / 100 * base


def _transform(box: tuple[float, float, float, float], matrix: Matrix) -> Box:
    x, y, width, height = box
    corners = [apply_matrix(matrix, (x + dx, y + dy)) for dx in (0, width) for dy in (0, height)]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))
