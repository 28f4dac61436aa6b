"""Write images with transparency, such as emoji in colour, as PDF objects that each certificate appends."""

import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import PIL.Image

from certbeam.artwork.overlay import GlyphImagePlacement
from certbeam.artwork.text.outline import GlyphImage

_MAX_IMAGES = 256  # decoded images that are kept, of about 10 KB each
_PREFIX = "CertbeamGlyph"


@dataclass(frozen=True)
class _ImageStreams:
    """Compressed colours and opacity of an image.

    Attributes:
        width, height: its size in pixels.
        colors: the compressed RGB values.
        opacity: the compressed alpha values.
    """

    width: int
    height: int
    colors: bytes
    opacity: bytes


@dataclass(frozen=True)
class ImageObjects:
    """Objects of the images of one certificate.

    Attributes:
        objects: object number to content.
        names: the name of each image as a resource of the page, such as ``/CertbeamGlyph0``.
        resources: resource name to object number.
    """

    objects: dict[int, bytes]
    names: dict[GlyphImage, str]
    resources: dict[str, int]


def build_image_objects(placements: Iterable[GlyphImagePlacement], first_number: int) -> ImageObjects:
    """Build the objects of images; equal images share their objects.

    Args:
        placements: the images.
        first_number: the number of the first object.
    """
    result = ImageObjects({}, {}, {})
    for image in dict.fromkeys(placement.image for placement in placements):
        streams = _encode_image(image.png)
        number = first_number + len(result.objects)
        size = f"/Width {streams.width} /Height {streams.height}"
        result.objects[number] = _image_object(f"{size} /ColorSpace /DeviceGray", streams.opacity)
        result.objects[number + 1] = _image_object(
            f"{size} /ColorSpace /DeviceRGB /SMask {number} 0 R", streams.colors
        )
        name = f"/{_PREFIX}{len(result.names)}"
        result.names[image] = name
        result.resources[name] = number + 1
    return result


@lru_cache(_MAX_IMAGES)
def _encode_image(png: bytes) -> _ImageStreams:
    image = PIL.Image.open(io.BytesIO(png)).convert("RGBA")
    opacity = image.getchannel("A").tobytes()
    return _ImageStreams(*image.size, zlib.compress(image.convert("RGB").tobytes()), zlib.compress(opacity))


def _image_object(entries: str, data: bytes) -> bytes:
    dictionary = (
        f"<< /Type /XObject /Subtype /Image {entries} /BitsPerComponent 8 /Filter /FlateDecode"
        f" /Length {len(data)} >>\nstream\n"
    )
    return dictionary.encode() + data + b"\nendstream"
