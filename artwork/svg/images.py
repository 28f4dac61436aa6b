"""Check and sanitise the images of a template and its values, as self-contained ``data:`` URIs."""

import base64
import binascii
import io
import re
import threading
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import cachetools
import PIL.Image
from lxml import etree

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.conditions import resolve_conditions
from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.sanitise import sanitise
from certbeam.artwork.svg.tree import SVG, use_default_namespace
from certbeam.foundation.error_codes import ErrorCode

MAX_IMAGE_BYTES = 8_000_000
MAX_IMAGE_PIXELS = 50_000_000
_CACHE_BYTES = 16_000_000
TRANSPARENT_IMAGE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)

_NO_MARKER = re.compile(r"(?!)")  # matches nothing: an image has no placeholders
_DATA_URI = re.compile(
    r"data:image/(?P<type>png|jpe?g|gif|webp|svg\+xml)(?:;[\w.=+-]+)*?(?P<base64>;base64)?,(?P<data>.*)",
    re.IGNORECASE | re.DOTALL,
)


OutlineTexts = Callable[[etree._Element, DataUris], None]
"""Function that replaces the texts of an SVG image by outlines; it receives the root element and its data URIs."""


# Cached because the signature images of a few signatories appear on very many certificates.
@cachetools.cached(cachetools.LRUCache(_CACHE_BYTES, getsizeof=len), lock=threading.Lock())
def sanitise_image(uri: str, outline_texts: OutlineTexts) -> str:
    """Check an image and return it as a base64 ``data:`` URI; an SVG image is sanitised like a template.

    Args:
        uri: a ``data:`` URI in any encoding.
        outline_texts: replaces the texts of an SVG image, because the fonts of an image depend on the viewer.

    Raises:
        TemplateError: ``image-type`` if it is not PNG, JPEG, GIF, WebP or SVG; ``image-broken`` if it cannot
            be decoded; ``image-too-large`` in bytes or pixels; or any error of parsing and sanitising an SVG.
    """
    match = _DATA_URI.fullmatch(uri.strip())
    if match is None:
        raise TemplateError(
            ErrorCode.IMAGE_TYPE,
            "the image is not a data: URI of a PNG, JPEG, GIF, WebP or SVG: convert it to one of these formats",
        )
    content = _decode(match)
    if len(content) > MAX_IMAGE_BYTES:
        raise TemplateError(
            ErrorCode.IMAGE_TOO_LARGE,
            f"the image has {len(content):,} bytes, more than the {MAX_IMAGE_BYTES:,} allowed: scale it down",
        )
    image_type = match["type"].lower()
    if image_type == "svg+xml":
        content = _sanitise_svg(content, outline_texts)
    else:
        _check_raster_image(content)
    return f"data:image/{image_type};base64,{base64.b64encode(content).decode('ascii')}"


def _decode(match: re.Match[str]) -> bytes:
    if not match["base64"]:
        return unquote_to_bytes(match["data"])
    try:
        return base64.b64decode(
            re.sub(r"\s+", "", unquote_to_bytes(match["data"]).decode("ascii")), validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise TemplateError(
            ErrorCode.IMAGE_BROKEN, "the image is not valid base64: embed it again"
        ) from error


def _sanitise_svg(content: bytes, outline_texts: OutlineTexts) -> bytes:
    root = parse_svg(content)
    resolve_conditions(root, "en")
    data_uris = DataUris(root)
    sanitise(root, lambda uri: sanitise_image(uri, outline_texts), _NO_MARKER)
    root = use_default_namespace(root)
    if next(root.iter(f"{{{SVG}}}text"), None) is not None:
        outline_texts(root, data_uris)
    data_uris.restore(root)
    return etree.tostring(root)


def _check_raster_image(content: bytes) -> None:
    try:
        with PIL.Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except (OSError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise TemplateError(
            ErrorCode.IMAGE_BROKEN, "the image cannot be read: save it again as PNG"
        ) from error
    if width * height > MAX_IMAGE_PIXELS:
        raise TemplateError(
            ErrorCode.IMAGE_TOO_LARGE,
            f"the image has {width}×{height} pixels, more than the {MAX_IMAGE_PIXELS:,} allowed: scale it down",
        )
