"""Check and sanitise the images of a template and its values, as self-contained ``data:`` URIs."""

import base64
import binascii
import re
import threading
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import cachetools
from lxml import etree

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.conditions import resolve_conditions
from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.raster_images import NotAnImageError, normalise_raster
from certbeam.artwork.svg.sanitise import sanitise
from certbeam.artwork.svg.tree import SVG, use_default_namespace
from certbeam.foundation.error_codes import ErrorCode

MAX_IMAGE_BYTES = 8_000_000
_CACHE_BYTES = 16_000_000
TRANSPARENT_IMAGE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)

_NO_MARKER = re.compile(r"(?!)")  # matches nothing: an image has no placeholders
_DATA_URI = re.compile(
    r"data:(?P<type>[\w.+-]*/?[\w.+-]*)(?:;[\w.=+-]+)*?(?P<base64>;base64)?,(?P<data>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SVG_TYPE = "image/svg+xml"
# Content of another format is broken if it is declared as one of these types.
_SUPPORTED_TYPE = re.compile(
    r"image/(?:png|jpe?g|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)", re.IGNORECASE
)


OutlineTexts = Callable[[etree._Element, DataUris], None]
"""Function that replaces the texts of an SVG image by outlines; it receives the root element and its data URIs."""


# Cached because the signature images of a few signatories appear on very many certificates.
@cachetools.cached(cachetools.LRUCache(_CACHE_BYTES, getsizeof=len), lock=threading.Lock())
def sanitise_image(uri: str, outline_texts: OutlineTexts) -> str:
    """Check an image and return it as a base64 ``data:`` URI of the right media type.

    A raster image is converted if engines would not draw it as browsers do; an SVG image is sanitised like a template.

    Args:
        uri: a ``data:`` URI in any encoding; the content of a raster image decides its type.
        outline_texts: replaces the texts of an SVG image, because the fonts of an image depend on the viewer.

    Raises:
        TemplateError: ``image-type`` if it is none of the supported types; ``image-broken`` if it cannot be
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
        content = _sanitise_svg(content, outline_texts)
    else:
        media_type, content = _normalise_raster(content, media_type)
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
