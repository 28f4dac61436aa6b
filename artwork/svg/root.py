"""Normalise what a template's root element says about the page: its background, and how the view box fits the page."""

from lxml import etree

from certbeam.artwork.css.colors import split_alpha
from certbeam.artwork.css.tokens import format_number
from certbeam.artwork.css.transforms import format_matrix
from certbeam.artwork.geometry import Matrix
from certbeam.artwork.svg.tree import SVG
from certbeam.artwork.svg.view_box import ViewBox

_ALIGNMENTS = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
_DEFAULT = "xMidYMid"
_TOLERANCE = 1e-3  # of the aspect ratio: rounded sizes do not distort visibly
# Properties that PNG and PDF engines ignore on the root element.
_GROUP_PROPERTIES = ("clip-path", "filter", "mask", "opacity")


def normalise_root(root: etree._Element, view_box: ViewBox, background: str) -> ViewBox:
    """Draw the root's background as a rectangle, and its ``preserveAspectRatio`` as a transform of its content.

    Args:
        root: the root element, with its view box and size in absolute numbers.
        view_box: the same.
        background: its background colour, ``#rrggbb`` or ``#rrggbbaa``; empty for none.

    Returns:
        The view box of the result, which is scaled without distortion and centred on the page.
    """
    matrix = _parse_aspect_ratio(str(root.attrib.pop("preserveAspectRatio", "")), view_box)
    effects = {name: str(root.attrib.pop(name)) for name in _GROUP_PROPERTIES if name in root.attrib}
    if matrix is not None or effects:
        group = etree.Element(f"{{{SVG}}}g", effects)
        group.extend(list(root))
        group.text, root.text = root.text, None
        root.append(group)
        if matrix is not None:
            group.set("transform", format_matrix(matrix))
            view_box = _use_page(root, view_box)
    if background and split_alpha(background)[1]:
        root.insert(0, _build_background(view_box, background))
    return view_box


def _use_page(root: etree._Element, view_box: ViewBox) -> ViewBox:
    """Make the page the view box."""
    width, height = view_box.page_width, view_box.page_height
    root.set("viewBox", f"0 0 {width:g} {height:g}")
    return ViewBox(0.0, 0.0, width, height, width, height)


def _parse_aspect_ratio(value: str, view_box: ViewBox) -> Matrix | None:
    """Return the matrix from the view box to the page; None if it is that of ``xMidYMid meet``."""
    words = [word for word in value.split() if word != "defer"] or [_DEFAULT]
    scale_x, scale_y = view_box.page_width / view_box.width, view_box.page_height / view_box.height
    is_slice = words[1:] == ["slice"]
    if abs(scale_x / scale_y - 1) < _TOLERANCE or (words[0] == _DEFAULT and not is_slice):
        return None
    if words[0] == "none":
        return Matrix(a=scale_x, d=scale_y, e=-view_box.x * scale_x, f=-view_box.y * scale_y)
    across, down = _ALIGNMENTS.get(words[0][1:4]), _ALIGNMENTS.get(words[0][5:8])
    if across is None or down is None:
        return None
    scale = max(scale_x, scale_y) if is_slice else min(scale_x, scale_y)
    left = (view_box.page_width - view_box.width * scale) * across
    top = (view_box.page_height - view_box.height * scale) * down
    return Matrix(a=scale, d=scale, e=left - view_box.x * scale, f=top - view_box.y * scale)


def _build_background(view_box: ViewBox, color: str) -> etree._Element:
    """Return a rectangle that covers the page, which can be larger than the view box in one direction."""
    scale = min(view_box.page_width / view_box.width, view_box.page_height / view_box.height)
    width, height = view_box.page_width / scale, view_box.page_height / scale
    fill, alpha = split_alpha(color)
    attributes = {
        "x": format_number(view_box.x - (width - view_box.width) / 2),
        "y": format_number(view_box.y - (height - view_box.height) / 2),
        "width": format_number(width),
        "height": format_number(height),
        "fill": fill,
        "stroke": "none",
    }
    # Sets what it would inherit from the root.
    attributes["fill-opacity"] = format_number(alpha)
    return etree.Element(f"{{{SVG}}}rect", attributes)
