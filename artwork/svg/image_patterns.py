"""Replace rectangles that are filled with an image through a pattern, as Figma exports images, by the image itself.

CairoSVG renders such patterns at the wrong position, and a QR code inside of one could not be drawn over the static
background.
"""

import copy
import re
from collections import Counter

from lxml import etree

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.references import find_referenced
from certbeam.artwork.svg.transforms import parse_transform
from certbeam.artwork.svg.tree import SVG, XLINK, get_href, remove_element

_RECT, _PATTERN, _USE, _IMAGE, _GROUP = (
    f"{{{SVG}}}{name}" for name in ("rect", "pattern", "use", "image", "g")
)
_FILL = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)['\"]?\s*\)")
_TOLERANCE = 0.01  # of a side, for rounded numbers in the pattern

_Rectangle = tuple[float, float, float, float]
"""x, y, width and height in user units."""


def replace_image_patterns(root: etree._Element) -> None:
    """Replace each rectangle that is filled with one image through a pattern by a group with the image."""
    by_id = {str(element.get("id")): element for element in root.iter(etree.Element)}
    uses = Counter(
        target for element in root.iter(etree.Element) for target in find_referenced(element, by_id)
    )
    for rect in list(root.iter(_RECT)):
        pattern = _find_pattern(rect, by_id)
        if pattern is None:
            continue
        image, matrix = _find_image(pattern, by_id)
        rectangle = _parse_rectangle(rect)
        if image is None or matrix is None or rectangle is None:
            continue
        is_used_once = uses[pattern] == 1 and uses[image] <= 1
        _replace_rect(rect, rectangle, image if is_used_once else _copy_image(image), matrix)
        if is_used_once:
            remove_element(pattern)


def _copy_image(image: etree._Element) -> etree._Element:
    """Return another instance of an image: a <use>, to avoid a copy of its data, or else a copy."""
    if "id" not in image.attrib or "transform" in image.attrib:
        return copy.deepcopy(image)
    bounds = {name: str(image.get(name)) for name in ("x", "y", "width", "height") if name in image.attrib}
    return etree.Element(_USE, {f"{{{XLINK}}}href": f"#{image.get('id')}", **bounds})


def _find_pattern(rect: etree._Element, by_id: dict[str, etree._Element]) -> etree._Element | None:
    """Return the pattern that fills a rectangle with a single tile; None for any other fill."""
    match = _FILL.fullmatch(str(rect.get("fill", "")).strip())
    pattern = None if match is None else by_id.get(match[1])
    if pattern is None or pattern.tag != _PATTERN or len(pattern) != 1:
        return None
    is_single_tile = all(pattern.get(side) in ("1", "100%") for side in ("width", "height"))
    is_relative = (
        pattern.get("patternContentUnits") == "objectBoundingBox" and "patternUnits" not in pattern.attrib
    )
    return pattern if is_single_tile and is_relative and "patternTransform" not in pattern.attrib else None


def _find_image(
    pattern: etree._Element, by_id: dict[str, etree._Element]
) -> tuple[etree._Element | None, Matrix | None]:
    """Return the image in a pattern, or behind its <use>, and the matrix from the image's units to the pattern's."""
    content = pattern[0]
    matrix = parse_transform(str(content.get("transform", "")))
    if content.tag == _USE:
        content = by_id.get(get_href(content).removeprefix("#"), content)
        inner = parse_transform(str(content.get("transform", "")))
        matrix = None if matrix is None or inner is None else matrix @ inner
    return (content if content.tag == _IMAGE else None), matrix


def _parse_rectangle(rect: etree._Element) -> _Rectangle | None:
    """Return the position and size of a <rect>; None if they are not absolute, or it has a stroke or round corners."""
    x, y, width, height = (parse_length(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
    is_rounded = bool({"rx", "ry"} & set(rect.attrib))
    if x is None or y is None or not width or not height or is_rounded or "stroke" in rect.attrib:
        return None
    return x, y, width, height


def _replace_rect(rect: etree._Element, rectangle: _Rectangle, image: etree._Element, matrix: Matrix) -> None:
    """Make a <rect> a group with the image, which is clipped if it is larger than the rectangle."""
    x, y, width, height = rectangle
    placed = Matrix(a=width, d=height, e=x, f=y) @ matrix
    numbers = (placed.a, placed.b, placed.c, placed.d, placed.e, placed.f)
    image.set("transform", f"matrix({' '.join(f'{number:.9g}' for number in numbers)})")
    for name in ("x", "y", "width", "height", "fill"):
        rect.attrib.pop(name, "")
    rect.tag = _GROUP
    parent = rect
    if not _is_inside(image, matrix):
        bounds = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"}
        parent = etree.SubElement(rect, f"{{{SVG}}}svg", bounds, viewBox=f"{x:g} {y:g} {width:g} {height:g}")
    parent.append(image)
    image.tail = None


def _is_inside(image: etree._Element, matrix: Matrix) -> bool:
    """Return True if an image is inside of the pattern's tile, whose sides are 1."""
    x, y, width, height = (
        parse_length(image.get(name, "0")) or 0.0 for name in ("x", "y", "width", "height")
    )
    corners = [
        matrix @ Matrix(e=x + right * width, f=y + down * height) for right in (0, 1) for down in (0, 1)
    ]
    return all(
        -_TOLERANCE <= coordinate <= 1 + _TOLERANCE
        for corner in corners
        for coordinate in (corner.e, corner.f)
    )
