"""Convert raster images to upright sRGB."""

import base64
import io
import struct
import zlib

import PIL.Image
import PIL.ImageCms
import pytest

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.images import sanitise_image
from certbeam.artwork.svg.raster_images import NotAnImageError, normalise_raster

SRGB = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def leave_texts(root, data_uris):
    """Leave the texts of an image as they are."""


def halves(mode="RGB"):
    """Return an image whose left half is red, and whose right half is blue."""
    image = PIL.Image.new("RGB", (32, 16), RED)
    image.paste(BLUE, (16, 0, 32, 16))
    return image.convert(mode)


def encode(image, image_format, **options):
    output = io.BytesIO()
    image.save(output, image_format, **options)
    return output.getvalue()


def convert(content):
    """Return the media type and the pixels of an image after its conversion."""
    media_type, converted = normalise_raster(content)
    return media_type, PIL.Image.open(io.BytesIO(converted))


def is_close(color, expected):
    return all(abs(level - wanted) < 12 for level, wanted in zip(color, expected, strict=True))


def swapped_profile():
    """Return an ICC profile whose red primary is blue, and whose blue primary is red."""
    data = bytearray(SRGB)
    (count,) = struct.unpack_from(">I", data, 128)
    entries = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, blue = entries[b"rXYZ"], entries[b"bXYZ"]
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(data)


def png(depth, color_type, row, *chunks):
    """Return a PNG file of one row with two pixels."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 2, 1, depth, color_type, 0, 0, 0)), *chunks]
    parts += [(b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (encode(halves(), "PNG"), "image/png"),
        (encode(halves("P"), "PNG"), "image/png"),
        (encode(halves(), "PNG", icc_profile=SRGB), "image/png"),
        (encode(halves(), "JPEG"), "image/jpeg"),
        (encode(halves("L"), "JPEG"), "image/jpeg"),
        (encode(halves("P"), "GIF"), "image/gif"),
        (encode(halves(), "WEBP"), "image/webp"),
        (png(16, 0, bytes(4)), "image/png"),
        (png(8, 0, bytes(2), (b"gAMA", struct.pack(">I", 45455))), "image/png"),
    ],
)
def test_an_image_that_all_engines_draw_alike_stays_as_it_is(content, media_type):
    assert normalise_raster(content) == (media_type, content)


@pytest.mark.parametrize("declared", ["image/png", "image/jpg", "image/gif", "application/octet-stream", ""])
def test_the_content_decides_the_media_type(declared):
    data = base64.b64encode(encode(halves(), "JPEG")).decode()
    uri = sanitise_image(f"data:{declared};base64,{data}", leave_texts)
    assert uri == f"data:image/jpeg;base64,{data}"


@pytest.mark.parametrize("image_format", ["BMP", "ICO", "AVIF", "TIFF"])
def test_formats_that_browsers_draw_become_png_or_jpeg(image_format):
    content = encode(halves(), image_format)
    if image_format == "TIFF":
        with pytest.raises(NotAnImageError):
            normalise_raster(content)
        return
    media_type, image = convert(content)
    assert media_type == ("image/jpeg" if image_format == "AVIF" else "image/png")
    middle = image.height // 2
    assert is_close(image.convert("RGB").getpixel((0, middle)), RED)
    assert is_close(image.convert("RGB").getpixel((image.width - 1, middle)), BLUE)


def test_a_cmyk_jpeg_becomes_rgb():
    media_type, image = convert(encode(halves("CMYK"), "JPEG"))
    assert (media_type, image.mode) == ("image/jpeg", "RGB")
    assert is_close(image.getpixel((2, 8)), RED)


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [(2, (32, 16), (30, 8)), (3, (32, 16), (30, 8)), (6, (16, 32), (8, 2)), (8, (16, 32), (8, 30))],
)
@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_the_orientation_of_exif_is_applied_and_removed(image_format, orientation, size, red):
    exif = PIL.Image.Exif()
    exif[0x112] = orientation
    _, image = convert(encode(halves(), image_format, exif=exif))
    assert image.size == size
    assert is_close(image.getpixel(red), RED)
    assert not image.getexif()


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_a_color_profile_is_converted_to_srgb(image_format):
    _, image = convert(encode(halves(), image_format, icc_profile=swapped_profile()))
    assert is_close(image.getpixel((2, 8)), BLUE)
    assert "icc_profile" not in image.info


def test_transparency_is_kept_when_a_color_profile_is_converted():
    transparent = halves("RGBA")
    transparent.putalpha(100)
    _, image = convert(encode(transparent, "PNG", icc_profile=swapped_profile()))
    assert is_close(image.getpixel((2, 8)), (*BLUE, 100))


def test_the_gamma_of_a_png_is_converted_to_that_of_srgb():
    linear = (b"gAMA", struct.pack(">I", 100_000))
    _, image = convert(png(8, 0, bytes([55, 255]), linear))
    assert is_close([image.getpixel((0, 0)), image.getpixel((1, 0))], [128, 255])


def test_an_animation_becomes_its_first_frame():
    blank = PIL.Image.new("RGB", (32, 16), WHITE)
    _, image = convert(encode(halves(), "GIF", save_all=True, append_images=[blank], duration=100))
    assert not getattr(image, "is_animated", False)
    assert is_close(image.convert("RGB").getpixel((2, 8)), RED)


def test_an_icon_with_a_larger_picture_than_its_format_allows_is_not_decoded():
    picture = encode(PIL.Image.new("RGB", (300, 1)), "PNG")
    header = struct.pack("<HHHBBBBHHII", 0, 1, 1, 64, 1, 0, 0, 1, 32, len(picture), 22)
    with pytest.raises(TemplateError, match="cannot be read"):
        normalise_raster(header + picture)


def test_a_truncated_image_that_must_be_converted_is_an_error():
    content = encode(halves(), "BMP")
    with pytest.raises(TemplateError, match="cannot be read"):
        normalise_raster(content[:200])


def test_a_large_image_that_must_be_converted_is_rejected():
    content = encode(PIL.Image.new("RGB", (5001, 4000)), "PNG", icc_profile=swapped_profile())
    with pytest.raises(TemplateError, match="5001×4000 pixels, more than the 20,000,000") as error:
        normalise_raster(content)
    assert error.value.code == "image-too-large"
