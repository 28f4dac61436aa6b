"""Check and sanitise the images of a template and its values, as self-contained ``data:`` URIs."""

import base64
import binascii
import re
import threading
from urllib.parse import unquote_to_bytes

import cachetools
from lxml import etree

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.image_placement import (
    ANYWHERE,
    PIXELS_OF_PAGE,
    ImagePlacement,
    NaturalSize,
    find_natural_size,
    find_placement,
    write_size,
)
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.raster_images import NotAnImageError, measure_raster, normalise_raster
from certbeam.artwork.svg.raster_scaling import enlarge_raster
from certbeam.artwork.svg.svg_images import OutlineTexts, normalise_svg_image
from certbeam.artwork.svg.tree import SVG
from certbeam.artwork.svg.view_box import ViewBox
from certbeam.foundation.error_codes import ErrorCode

MAX_IMAGE_BYTES = 8_000_000
_CACHE_BYTES = 16_000_000
TRANSPARENT_IMAGE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)

_DATA_URI = re.compile(
    r"data:(?P<type>[\w.+-]*/?[\w.+-]*)(?:;[\w.=+-]+)*?(?P<base64>;base64)?,(?P<data>.*)",
    re.IGNORECASE | re.DOTALL,
)
_IMAGE = f"{{{SVG}}}image"
_SVG_TYPE = "image/svg+xml"
# Content of another format is broken if it is declared as one of these types.
_SUPPORTED_TYPE = re.compile(
    r"image/(?:png|jpe?g|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)", re.IGNORECASE
)


_MAX_DEPTH = 3  # of SVG images inside of SVG images


# Cached because the signature images of a few signatories appear on very many certificates.
@cachetools.cached(cachetools.LRUCache(_CACHE_BYTES, getsizeof=len), lock=threading.Lock())
def sanitise_image(
    uri: str, outline_texts: OutlineTexts, placement: ImagePlacement = ANYWHERE, depth: int = 0
) -> str:
    """Check an image and return it as a base64 ``data:`` URI of the right media type.

    A raster image is converted if engines would not draw it as browsers do; an SVG image is sanitised like a template.

    Args:
        uri: a ``data:`` URI in any encoding; the content of a raster image decides its type.
        outline_texts: replaces the texts of an SVG image, because the fonts of an image depend on the viewer.
        placement: the size at which the image is drawn.
        depth: the number of SVG images around it.

    Raises:
        TemplateError: ``image-type`` if its type is not supported; ``image-broken`` if it cannot be
            decoded; ``image-too-large`` in bytes or pixels; or any error of parsing and sanitising an SVG.
    """
    match = _DATA_URI.fullmatch(uri.strip())
    if match is None:
        raise _unsupported()
    content = _decode(match)
    if len(content) > MAX_IMAGE_BYTES:
        raise TemplateError(
            ErrorCode.IMAGE_TOO_LARGE,
            f"the image has {len(content):,} bytes, more than the {MAX_IMAGE_BYTES:,} allowed: scale it down",
        )
    media_type = match["type"].lower()
    if media_type == _SVG_TYPE:
        content = _normalise_svg(content, outline_texts, placement, depth)
    else:
        media_type, content = _normalise_raster(content, media_type)
        media_type, content = enlarge_raster(media_type, content, placement)
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def _unsupported() -> TemplateError:
    message = (
        "the image is not a data: URI of a PNG, JPEG, GIF, WebP, AVIF, BMP, ICO or SVG: convert it to PNG"
    )
    return TemplateError(ErrorCode.IMAGE_TYPE, message)


def _normalise_raster(content: bytes, media_type: str) -> tuple[str, bytes]:
    try:
        return normalise_raster(content)
    except NotAnImageError as error:
        if not _SUPPORTED_TYPE.fullmatch(media_type):
            raise _unsupported() from error
        message = f"the content of the image is not {media_type}: save it again as PNG"
        raise TemplateError(ErrorCode.IMAGE_BROKEN, message) from error


def _decode(match: re.Match[str]) -> bytes:
    if not match["base64"]:
        return unquote_to_bytes(match["data"])
    try:
        return base64.b64decode(
            re.sub(r"\s+|#.*", "", unquote_to_bytes(match["data"]).decode("ascii")), validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise TemplateError(
            ErrorCode.IMAGE_BROKEN, "the image is not valid base64: embed it again"
        ) from error


def _normalise_svg(
    content: bytes, outline_texts: OutlineTexts, placement: ImagePlacement, depth: int
) -> bytes:
    if depth > _MAX_DEPTH:
        raise TemplateError(
            ErrorCode.TEMPLATE_TOO_COMPLEX,
            f"SVG images are nested more than {_MAX_DEPTH} deep: draw the inner image in the template",
        )

    def embed(href: str, image: etree._Element, view_box: ViewBox) -> str:
        return embed_image(href, image, view_box, outline_texts, page_width=0.0, depth=depth + 1)

    return normalise_svg_image(content, placement, outline_texts, embed)


def embed_image(
    uri: str,
    image: etree._Element,
    view_box: ViewBox,
    outline_texts: OutlineTexts,
    *,
    page_width: float = PIXELS_OF_PAGE,
    depth: int = 0,
) -> str:
    """Return the ``data:`` URI for an <image> or <feImage>, and write the size of an <image> that lacks one.

    Args:
        uri: the ``data:`` URI of its source.
        image: the element.
        view_box: the view box of its document.
        outline_texts: as for :func:`sanitise_image`, as are the errors.
        page_width: width in pixels of the page for which images of few pixels are enlarged; 0 to enlarge none.
        depth: as for :func:`sanitise_image`.
    """
    if image.tag != _IMAGE:
        return sanitise_image(uri, outline_texts, depth=depth)
    placement = find_placement(image, view_box, page_width)
    if placement.width is None or placement.height is None:
        placement = placement.choose_size(_measure(uri))
        write_size(image, view_box, placement)
    return sanitise_image(uri, outline_texts, placement, depth)


def _measure(uri: str) -> NaturalSize:
    """Return the natural size of an image; none if it is broken, which is an error elsewhere."""
    match = _DATA_URI.fullmatch(uri.strip())
    try:
        content = b"" if match is None else _decode(match)
        if match is not None and match["type"].lower() == _SVG_TYPE:
            return find_natural_size(parse_svg(content))
        width, height = measure_raster(content)
    except (TemplateError, NotAnImageError):
        return NaturalSize(None, None, None)
    return NaturalSize(width, height, width / height)
