"""Normalise the SVG images inside of a template, which engines draw less completely than the template itself."""

import re
from collections.abc import Callable

from lxml import etree

from certbeam.artwork.css.font_faces import remove_empty_style_sheets
from certbeam.artwork.css.resolve import resolve_styles
from certbeam.artwork.css.tokens import format_number
from certbeam.artwork.svg.conditions import resolve_conditions
from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.dead_references import normalise_references
from certbeam.artwork.svg.image_placement import ANYWHERE, ImagePlacement, find_natural_size
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.references import check_references
from certbeam.artwork.svg.root import normalise_root
from certbeam.artwork.svg.sanitise import sanitise, sanitise_styles
from certbeam.artwork.svg.tree import SVG, use_default_namespace
from certbeam.artwork.svg.view_box import ViewBox, parse_view_box

_NO_MARKER = re.compile(r"(?!)")  # matches nothing: an image has no placeholders
_CLIP_ID = "viewport"

OutlineTexts = Callable[[etree._Element, DataUris], None]
"""Function that replaces the texts of an SVG image by outlines; it receives the root element and its data URIs."""

EmbedImage = Callable[[str, etree._Element, ViewBox], str]
"""Function that returns the image for an <image> in the image: from its URL, the element and the view box around it."""


def normalise_svg_image(
    content: bytes, placement: ImagePlacement, outline_texts: OutlineTexts, embed: EmbedImage
) -> bytes:
    """Return an SVG image in the normal form, with the size at which it is drawn.

    Browsers draw an SVG image like a nested <svg> of this size, and clip it there. If its <image> is stretched, they
    stretch the image in its natural size.

    Args:
        content: the SVG document.
        placement: where the image is drawn; without a size, the natural size of the image counts.
        outline_texts: replaces the texts, because the fonts of an image depend on the viewer.
        embed: embeds the images inside of the image.

    Raises:
        TemplateError: any error of parsing and sanitising it.
    """
    root = parse_svg(content)
    view_box = _set_viewport(root, placement)
    data_uris = DataUris(root)
    sanitise_styles(root)
    styles = resolve_styles(root, view_box)
    resolve_conditions(root, "en")
    sanitise(root, lambda href, image: embed(href, image, view_box), _NO_MARKER)
    root = use_default_namespace(root)
    view_box = normalise_root(root, view_box, styles.background)
    normalise_references(root)
    check_references(root)
    if next(root.iter(f"{{{SVG}}}text"), None) is not None:
        outline_texts(root, data_uris)
    remove_empty_style_sheets(root)
    data_uris.restore(root)
    _clip(root, view_box)
    return etree.tostring(root)


def _set_viewport(root: etree._Element, placement: ImagePlacement) -> ViewBox:
    """Give a root element the size at which it is drawn, and a view box."""
    natural = find_natural_size(root)
    box = parse_view_box(root.get("viewBox"))
    is_scaled_as_whole = placement.is_stretched and natural.ratio is not None
    sized = (ANYWHERE if is_scaled_as_whole else placement).choose_size(natural)
    width, height = sized.width or 1.0, sized.height or 1.0
    if box is None and natural.width and natural.height:
        box = (0.0, 0.0, natural.width, natural.height)
        root.set("preserveAspectRatio", "none")  # as browsers scale an image without a view box
    x, y, box_width, box_height = box or (0.0, 0.0, width, height)
    root.set("viewBox", " ".join(map(format_number, (x, y, box_width, box_height))))
    root.set("width", format_number(width))
    root.set("height", format_number(height))
    return ViewBox(x, y, box_width, box_height, width, height)


def _clip(root: etree._Element, view_box: ViewBox) -> None:
    """Clip the content of a root element at its viewport, which can be larger than the view box."""
    scale = min(view_box.page_width / view_box.width, view_box.page_height / view_box.height)
    width, height = view_box.page_width / scale, view_box.page_height / scale
    bounds = {
        "x": view_box.x - (width - view_box.width) / 2,
        "y": view_box.y - (height - view_box.height) / 2,
        "width": width,
        "height": height,
    }
    used = {str(element.get("id")) for element in root.iter(etree.Element)}
    identifier = _CLIP_ID
    while identifier in used:
        identifier += "-"
    group = etree.Element(f"{{{SVG}}}g", {"clip-path": f"url(#{identifier})"})
    group.extend(list(root))
    group.text, root.text = root.text, None
    clip_path = etree.SubElement(root, f"{{{SVG}}}clipPath", id=identifier)
    etree.SubElement(
        clip_path, f"{{{SVG}}}rect", {name: format_number(value) for name, value in bounds.items()}
    )
    root.append(group)
