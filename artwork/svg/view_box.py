"""Determine the view box and the page size of a template."""

import math
import re
from dataclasses import dataclass

from lxml import etree

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.geometry import Box
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.tree import SVG
from certbeam.foundation.error_codes import ErrorCode

_MAX_SIDE = 20_000.0  # pixels of the page
_MAX_BOX_SIDE = 1e6  # user units; programs that count in 1/100 mm have tens of thousands
_DEFAULT_SIDE = (
    1123.0  # pixels of the longer side of a page without a size, if its view box is larger than any page
)
_MAX_ASPECT_RATIO = 20.0


@dataclass(frozen=True)
class ViewBox:
    """View box of a template, and the page that it is scaled to.

    Attributes:
        x, y: the upper left corner, in user units.
        width, height: in user units.
        page_width, page_height: the size of the page, in pixels.
    """

    x: float
    y: float
    width: float
    height: float
    page_width: float
    page_height: float

    @property
    def box(self) -> Box:
        """Its edges."""
        return Box(self.x, self.y, self.x + self.width, self.y + self.height)


def normalise_view_box(root: etree._Element) -> ViewBox:
    """Write the view box and the size of a template as absolute numbers, where they are absent or relative.

    Raises:
        TemplateError: ``template-size``: the template has neither a view box nor a size, or one that no page has.
    """
    width, height = parse_length(root.get("width")), parse_length(root.get("height"))
    view_box = parse_view_box(root.get("viewBox"))
    x, y, box_width, box_height = view_box or (0.0, 0.0, width or 0.0, height or 0.0)
    if width and not height and box_width:
        height = width * box_height / box_width
    if height and not width and box_height:
        width = height * box_width / box_height
    if not width and not height and max(box_width, box_height) > _MAX_SIDE:
        scale = _DEFAULT_SIDE / max(box_width, box_height)
        width, height = box_width * scale, box_height * scale
    result = ViewBox(x, y, box_width, box_height, width or box_width, height or box_height)
    if not _is_page(result):
        raise TemplateError(
            ErrorCode.TEMPLATE_SIZE,
            'the template has no usable size: add a viewBox such as viewBox="0 0 1123 794" to its <svg>',
        )
    root.set("viewBox", f"{x:g} {y:g} {box_width:g} {box_height:g}")
    root.set("width", f"{result.page_width:g}")
    root.set("height", f"{result.page_height:g}")
    return result


def find_viewport(element: etree._Element, view_box: ViewBox) -> tuple[float, float]:
    """Return width and height of an element's nearest viewport, to which percentages refer, in its user units.

    Args:
        element: an element of a template.
        view_box: the template's view box.
    """
    for ancestor in element.iterancestors(f"{{{SVG}}}svg", f"{{{SVG}}}symbol"):
        if ancestor.getparent() is None:
            break
        nested = parse_view_box(ancestor.get("viewBox"))
        if nested is not None:
            return nested[2], nested[3]
        width, height = parse_length(ancestor.get("width")), parse_length(ancestor.get("height"))
        if width and height:
            return width, height
    return view_box.width, view_box.height


def _is_page(view_box: ViewBox) -> bool:
    """Return True if both sides are within limits, and neither is many times longer than the other."""
    box, page = (view_box.width, view_box.height), (view_box.page_width, view_box.page_height)
    if min(*box, *page) <= 0 or max(box) > _MAX_BOX_SIDE or max(page) > _MAX_SIDE:
        return False
    return 1 / _MAX_ASPECT_RATIO <= view_box.page_width / view_box.page_height <= _MAX_ASPECT_RATIO


def parse_view_box(view_box: str | None) -> tuple[float, float, float, float] | None:
    """Parse a ``viewBox`` attribute: x, y, width and height; None if it is absent or invalid."""
    try:
        x, y, width, height = (float(number) for number in re.split(r"[\s,]+", (view_box or "").strip()))
    except ValueError:
        return None
    is_finite = all(map(math.isfinite, (x, y, width, height)))
    return (x, y, width, height) if is_finite and width > 0 and height > 0 else None
