"""Check, limit and sanitise the images of templates and values."""

import base64
import struct
import zlib

import cachetools
import pytest

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.images import sanitise_image
from certbeam.tests.support import PIXEL


def no_texts(root, data_uris):
    """Leave the texts of an image as they are."""


def find_error_code(uri):
    with pytest.raises(TemplateError) as error:
        sanitise_image(uri, no_texts)
    return error.value.code


def png(width, height):
    """Return the header of a PNG, which is all that Pillow reads to find the size."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def test_an_image_of_more_than_8_mb_is_rejected():
    assert find_error_code("data:image/png," + "x" * 8_000_000) == "image-broken"
    assert find_error_code("data:image/png," + "x" * 8_000_001) == "image-too-large"


@pytest.mark.parametrize(("size", "fits"), [((10_000, 5_000), True), ((10_000, 5_001), False)])
def test_an_image_of_more_than_50_million_pixels_is_rejected(size, fits):
    if fits:
        assert sanitise_image(png(*size), no_texts) == png(*size)
    else:
        assert find_error_code(png(*size)) == "image-too-large"


def test_sanitised_images_are_cached_up_to_16_mb():
    cache = sanitise_image.cache
    assert isinstance(cache, cachetools.LRUCache)
    assert cache.maxsize == 16_000_000
    assert cache.getsizeof("xyz") == 3


@pytest.mark.parametrize("junk", ["!", "\u0905", "=A"])
def test_base64_with_other_characters_is_rejected(junk):
    head, data = PIXEL.split(",")
    assert find_error_code(f"{head},{data[:8]}{junk}{data[8:]}") == "image-broken"
    assert sanitise_image(f"{head},{data[:8]}%20\n{data[8:]}", no_texts) == PIXEL


@pytest.mark.parametrize(
    "uri", ["", "https://x/a.png", "data:text/html,<script>", "data:image/tiff;base64,AAAA", "javascript:1"]
)
def test_a_uri_of_another_type_is_rejected(uri):
    assert find_error_code(uri) == "image-type"


def test_an_svg_image_is_sanitised():
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><rect onclick="1" width="9"/></svg>'
    cleaned = base64.b64decode(sanitise_image(f"data:image/svg+xml,{svg}", no_texts).partition(",")[2])
    assert b"script" not in cleaned
    assert b"onclick" not in cleaned
    assert b'<rect width="9"/>' in cleaned
