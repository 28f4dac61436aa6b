"""Convert what CSS says about an element's geometry: transforms, clipping shapes, paths and strokes."""

from collections.abc import Mapping

from lxml import etree

from certbeam.artwork.css.bounds import SHAPES, BoxMeasurer, find_local_name
from certbeam.artwork.css.clip_shapes import build_clip_shape, find_reference_box
from certbeam.artwork.css.computed import ComputedStyle
from certbeam.artwork.css.path_data import format_path, is_canonical_path, parse_path
from certbeam.artwork.css.strokes import resolve_non_scaling_stroke
from certbeam.artwork.css.tokens import has_marker
from certbeam.artwork.css.transforms import (
    Box,
    compute_transform,
    format_matrix,
    is_canonical,
    parse_transform_attribute,
)
from certbeam.artwork.errors import Finding
from certbeam.artwork.geometry import Matrix
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.tree import SVG, get_line

_GRADIENTS = {
    "linearGradient": "gradientTransform",
    "radialGradient": "gradientTransform",
    "pattern": "patternTransform",
}
_TRANSFORMED = SHAPES | {"a", "clipPath", "g", "image", "svg", "switch", "text", "use"}
_TRANSFORM_PROPERTIES = ("transform", "translate", "rotate", "scale", "transform-origin", "transform-box")


class GeometryResolver:
    """Resolver of the geometry of one document, whose other properties are presentation attributes already.

    Attributes:
        findings: what is not supported.
    """

    def __init__(self, root: etree._Element, styles: Mapping[etree._Element, ComputedStyle]) -> None:
        self.findings: list[Finding] = []
        self._root = root
        self._styles = styles
        self._by_id: dict[str, etree._Element] = {}
        for element in root.iter(etree.Element):
            if "id" in element.attrib:
                self._by_id.setdefault(str(element.get("id")), element)
        self._boxes = BoxMeasurer(self._by_id)
        self._clip_paths = 0

    def resolve(self) -> None:
        """Write the geometry of all elements: descendants first, because boxes depend on them."""
        elements = list(self._root.iter(etree.Element))
        for element in reversed(elements):
            name = find_local_name(element)
            if name == "path":
                _write_path(element)
            if name in _TRANSFORMED or name in _GRADIENTS:
                self._write_transform(element, name)
            self._write_clip_path(element)
        for element in elements:
            if "vector-effect" in element.attrib:
                self._write_stroke(element)

    def _write_transform(self, element: etree._Element, name: str) -> None:
        """Replace the transform attribute and the CSS properties by one attribute that every engine parses."""
        style = self._styles[element]
        attribute = _GRADIENTS.get(name, "transform")
        source = str(element.attrib.get(attribute, ""))
        declared = {key: style.values[key] for key in _TRANSFORM_PROPERTIES if key in style.values}
        if has_marker(source) or any(map(has_marker, declared.values())):
            element.attrib.update({attribute: declared["transform"]} if "transform" in declared else {})
            return
        if element.getparent() is None or not (source or declared) or (not declared and is_canonical(source)):
            return
        matrix = parse_transform_attribute(source)
        if declared:
            box = self._find_reference_box(element, style.values.get("transform-box", "view-box"))
            matrix = matrix if box is None else compute_transform(declared, matrix, box, style.context)
        if matrix is None or matrix == Matrix():
            element.attrib.pop(attribute, "")
            return
        element.set(attribute, format_matrix(matrix))
        if name == "svg":
            _wrap(element)

    def _find_reference_box(self, element: etree._Element, keyword: str) -> Box | None:
        """Return the reference box of an element; None if it is not known before text is laid out."""
        if keyword == "view-box":
            viewport = self._styles[element].context.viewport or (0.0, 0.0)
            return (0.0, 0.0, *viewport)
        box = self._boxes.measure(element)
        if box is None:
            self._report(
                element, f"the bounding box that the {keyword} of <{find_local_name(element)}> refers to"
            )
            return None
        if keyword in ("stroke-box", "border-box"):
            margin = self._find_stroke_margin(element)
            x, y, width, height = box
            return (x - margin, y - margin, width + 2 * margin, height + 2 * margin)
        return box

    def _find_stroke_margin(self, element: etree._Element) -> float:
        style = self._styles[element]
        if style.get("stroke") == "none" or find_local_name(element) not in SHAPES:
            return 0.0
        return (parse_length(style.get("stroke-width")) or 0.0) / 2

    def _write_stroke(self, element: etree._Element) -> None:
        """Replace a stroke that is not scaled with its element, as few engines support it."""
        is_scaled = element.get("vector-effect") != "non-scaling-stroke"
        if is_scaled or resolve_non_scaling_stroke(element, self._styles):
            del element.attrib["vector-effect"]
        else:
            self._report(element, "the vector-effect non-scaling-stroke inside of a pattern, symbol or <svg>")

    def _write_clip_path(self, element: etree._Element) -> None:
        """Replace a basic shape by a reference to a <clipPath>."""
        value = str(element.get("clip-path", "none"))
        if value == "none" or value.startswith("url(") or has_marker(value):
            return
        del element.attrib["clip-path"]
        box = self._find_reference_box(element, find_reference_box(value))
        shape = None if box is None else build_clip_shape(value, box, self._styles[element].context)
        if shape is None:
            if box is not None:
                self._report(element, f"the clip-path {value[:60]}")
            return
        data, rule = shape
        identifier = self._find_free_id()
        clip_path = etree.Element(f"{{{SVG}}}clipPath", {"id": identifier})
        etree.SubElement(clip_path, f"{{{SVG}}}path", {"d": data, "clip-rule": rule})
        self._root.insert(0, clip_path)
        element.set("clip-path", f"url(#{identifier})")

    def _find_free_id(self) -> str:
        while True:
            self._clip_paths += 1
            identifier = f"clip-shape-{self._clip_paths}"
            if identifier not in self._by_id:
                return identifier

    def _report(self, element: etree._Element, what: str) -> None:
        message = f"{what} is not supported, and has no effect: draw it without CSS"
        self.findings.append(Finding("css-unsupported", get_line(element), message))


def _write_path(element: etree._Element) -> None:
    """Write path data in a form that every engine parses."""
    data = str(element.get("d", ""))
    if data and not has_marker(data) and not is_canonical_path(data):
        element.set("d", format_path(parse_path(data)))


def _wrap(element: etree._Element) -> None:
    """Move the transform of a nested <svg> to a group around it, as SVG 1.1 has none on <svg>."""
    parent = element.getparent()
    if parent is None:
        return
    group = etree.Element(f"{{{SVG}}}g", {"transform": str(element.attrib.pop("transform"))})
    group.tail, element.tail = element.tail, None
    parent.replace(element, group)
    group.append(element)
