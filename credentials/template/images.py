"""The images a template and its values may hold: pictures as ``data:`` URIs that hold nothing that acts."""

import base64
import binascii
import io
import re
import threading
from urllib.parse import unquote_to_bytes

import cachetools
import PIL.Image
from lxml import etree

from certbeam.credentials.template.data_uris import DataUrls
from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.parse import read_svg
from certbeam.credentials.template.sanitise import sanitise
from certbeam.credentials.template.tree import in_default_namespace

MAX_IMAGE_BYTES = 8_000_000
MAX_IMAGE_PIXELS = 50_000_000
_CACHE_BYTES = 16_000_000
TRANSPARENT = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)

_NO_SLOTS = re.compile(r"(?!)")
_DATA_URI = re.compile(
    r"data:image/(?P<type>png|jpe?g|gif|webp|svg\+xml)(?:;[\w.=+-]+)*?(?P<base64>;base64)?,(?P<data>.*)",
    re.IGNORECASE | re.DOTALL,
)


# The images of a few signatories stand on very many certificates.
@cachetools.cached(cachetools.LRUCache(_CACHE_BYTES, getsizeof=len), lock=threading.Lock())
def clean_image(uri: str) -> str:
    """A ``data:`` URI of an image, checked and in base64; an SVG image is sanitised like a template.

    Raises:
        TemplateError: ``image-type`` if it is not PNG, JPEG, GIF, WebP or SVG; ``image-broken`` if it cannot
            be read; ``image-too-large`` in bytes or pixels; or what reading its SVG raises.
    """
    match = _DATA_URI.fullmatch(uri.strip())
    if match is None:
        raise TemplateError("image-type", "an image must be a data: URI of a PNG, JPEG, GIF, WebP or SVG")
    content = _content(match)
    if len(content) > MAX_IMAGE_BYTES:
        raise TemplateError(
            "image-too-large",
            f"an image holds {len(content):,} bytes, {MAX_IMAGE_BYTES:,} are allowed: scale it down",
        )
    kind = match["type"].lower()
    if kind == "svg+xml":
        content = _clean_svg(content)
    else:
        _check_bitmap(content)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _content(match: re.Match[str]) -> bytes:
    if not match["base64"]:
        return unquote_to_bytes(match["data"])
    try:
        return base64.b64decode(
            re.sub(r"\s+", "", unquote_to_bytes(match["data"]).decode("ascii")), validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise TemplateError("image-broken", "an image is not valid base64: embed it again") from error


def _clean_svg(content: bytes) -> bytes:
    root = read_svg(content)
    urls = DataUrls(root)
    sanitise(root, clean_image, _NO_SLOTS)
    urls.restore(root)
    return etree.tostring(in_default_namespace(root))


def _check_bitmap(content: bytes) -> None:
    try:
        with PIL.Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except (OSError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise TemplateError("image-broken", "an image cannot be read: save it again as PNG") from error
    if width * height > MAX_IMAGE_PIXELS:
        raise TemplateError(
            "image-too-large",
            f"an image has {width}×{height} pixels, {MAX_IMAGE_PIXELS:,} are allowed: scale it down",
        )
