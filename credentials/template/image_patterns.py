"""Images that fill a rectangle through a pattern, as Figma writes all of its images, drawn directly.

CairoSVG puts such a pattern's tiles in the wrong place, and a QR code in one could not be drawn over the
constant part.
"""

import copy
import re
from collections import Counter

from lxml import etree

from certbeam.credentials.drawing import Matrix
from certbeam.credentials.template.references import references
from certbeam.credentials.template.transforms import parse_transform
from certbeam.credentials.template.tree import SVG, XLINK, href_of, remove
from certbeam.credentials.template.view_box import pixels

_RECT, _PATTERN, _USE, _IMAGE, _GROUP = (
    f"{{{SVG}}}{name}" for name in ("rect", "pattern", "use", "image", "g")
)
_FILL = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)['\"]?\s*\)")
_SLACK = 0.01  # of a side: what rounding in the pattern's numbers comes to


def draw_image_patterns(root: etree._Element) -> None:
    """Replace each rectangle that one image fills through a pattern by the image, in place."""
    by_id = {str(element.get("id")): element for element in root.iter(etree.Element)}
    uses = Counter(target for element in root.iter(etree.Element) for target in references(element, by_id))
    for rect in list(root.iter(_RECT)):
        pattern = _pattern(rect, by_id)
        if pattern is None:
            continue
        image, matrix = _image(pattern, by_id)
        box = _box(rect)
        if image is None or matrix is None or box is None:
            continue
        single = uses[pattern] == 1 and uses[image] <= 1
        _replace(rect, box, image if single else _another(image), matrix)
        if single:
            remove(pattern)


def _another(image: etree._Element) -> etree._Element:
    """The same image once more, without its data where it can be referred to."""
    if "id" not in image.attrib or "transform" in image.attrib:
        return copy.deepcopy(image)
    sides = {name: str(image.get(name)) for name in ("x", "y", "width", "height") if name in image.attrib}
    return etree.Element(_USE, {f"{{{XLINK}}}href": f"#{image.get('id')}", **sides})


def _pattern(rect: etree._Element, by_id: dict[str, etree._Element]) -> etree._Element | None:
    """The pattern that fills a rectangle as a whole, once."""
    match = _FILL.fullmatch(str(rect.get("fill", "")).strip())
    pattern = None if match is None else by_id.get(match[1])
    if pattern is None or pattern.tag != _PATTERN or len(pattern) != 1:
        return None
    whole = all(pattern.get(side) in ("1", "100%") for side in ("width", "height"))
    in_box = (
        pattern.get("patternContentUnits") == "objectBoundingBox" and "patternUnits" not in pattern.attrib
    )
    return pattern if whole and in_box and "patternTransform" not in pattern.attrib else None


def _image(
    pattern: etree._Element, by_id: dict[str, etree._Element]
) -> tuple[etree._Element | None, Matrix | None]:
    """The image in a pattern, used or its own, and its matrix to the pattern's box."""
    content = pattern[0]
    matrix = parse_transform(str(content.get("transform", "")))
    if content.tag == _USE:
        content = by_id.get(href_of(content).removeprefix("#"), content)
        own = parse_transform(str(content.get("transform", "")))
        matrix = None if matrix is None or own is None else matrix @ own
    return (content if content.tag == _IMAGE else None), matrix


def _box(rect: etree._Element) -> tuple[float, float, float, float] | None:
    x, y, width, height = (pixels(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
    rounded = {"rx", "ry"} & set(rect.attrib)
    if x is None or y is None or not width or not height or rounded or "stroke" in rect.attrib:
        return None
    return x, y, width, height


def _replace(
    rect: etree._Element, box: tuple[float, float, float, float], image: etree._Element, matrix: Matrix
) -> None:
    """Make a rectangle the group of an image, clipped where it is larger than the rectangle."""
    x, y, width, height = box
    place = Matrix(a=width, d=height, e=x, f=y) @ matrix
    numbers = (place.a, place.b, place.c, place.d, place.e, place.f)
    image.set("transform", f"matrix({' '.join(f'{number:.9g}' for number in numbers)})")
    for name in ("x", "y", "width", "height", "fill"):
        rect.attrib.pop(name, "")
    rect.tag = _GROUP
    parent = rect
    if not _fits(image, matrix):
        sides = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"}
        parent = etree.SubElement(rect, f"{{{SVG}}}svg", sides, viewBox=f"{x:g} {y:g} {width:g} {height:g}")
    parent.append(image)
    image.tail = None


def _fits(image: etree._Element, matrix: Matrix) -> bool:
    """Whether an image stays inside of the pattern's box."""
    x, y, width, height = (pixels(image.get(name, "0")) or 0.0 for name in ("x", "y", "width", "height"))
    corners = [
        matrix @ Matrix(e=x + right * width, f=y + down * height) for right in (0, 1) for down in (0, 1)
    ]
    return all(-_SLACK <= place <= 1 + _SLACK for corner in corners for place in (corner.e, corner.f))
