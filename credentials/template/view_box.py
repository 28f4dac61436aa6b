"""The size of a template: where it is written down, and lengths measured in it."""

import re
from dataclasses import dataclass

from lxml import etree

from certbeam.credentials.template.errors import TemplateError

# CSS absolute units in pixels, https://www.w3.org/TR/css-values-3/#absolute-lengths
_PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
_PIXELS["rem"] = 16  # of a root element that does not say otherwise
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
_MAX_LENGTH = 1e6  # in pixels: beyond any page
_MAX_SIDE = 20_000.0
_MAX_RATIO = 20.0  # of one side to the other


@dataclass(frozen=True)
class Canvas:
    """The user coordinates of a template.

    Attributes:
        x, y: the left upper corner.
        width, height: in user units.
        page_width, page_height: what these are shown as, in pixels.
    """

    x: float
    y: float
    width: float
    height: float
    page_width: float
    page_height: float


def set_canvas(root: etree._Element) -> Canvas:
    """Write size and view box of a template down in absolute numbers, where they are missing or relative.

    Raises:
        TemplateError: ``template-size``: it has neither a view box nor a size, or one that is no page's.
    """
    width, height = pixels(root.get("width")), pixels(root.get("height"))
    x, y, box_width, box_height = _view_box(root.get("viewBox")) or (0.0, 0.0, width or 0.0, height or 0.0)
    if width and not height and box_width:
        height = width * box_height / box_width
    if height and not width and box_height:
        width = height * box_width / box_height
    canvas = Canvas(x, y, box_width, box_height, width or box_width, height or box_height)
    sides = (box_width, box_height, canvas.page_width, canvas.page_height)
    sane = min(sides) > 0 and max(sides) <= _MAX_SIDE
    if not sane or not 1 / _MAX_RATIO <= canvas.page_width / canvas.page_height <= _MAX_RATIO:
        raise TemplateError(
            "template-size",
            'the template has no size: give its <svg> a viewBox such as viewBox="0 0 1123 794"',
        )
    root.set("viewBox", f"{x:g} {y:g} {box_width:g} {box_height:g}")
    root.set("width", f"{canvas.page_width:g}")
    root.set("height", f"{canvas.page_height:g}")
    return canvas


def pixels(length: str | None) -> float | None:
    """A CSS length in pixels; None if it is absent, relative to something else, or no length."""
    match = _LENGTH.fullmatch(length or "")
    unit = None if match is None else _PIXELS.get(match[2].lower())
    if match is None or unit is None:
        return None
    number = float(match[1]) * unit
    return number if abs(number) <= _MAX_LENGTH else None


def _view_box(written: str | None) -> tuple[float, float, float, float] | None:
    try:
        x, y, width, height = (float(number) for number in re.split(r"[\s,]+", (written or "").strip()))
    except ValueError:
        return None
    return (x, y, width, height) if width > 0 and height > 0 else None
