"""Convert raster images to the form that every viewer draws alike: upright, in sRGB, and of one frame."""

import io
import re
import struct

import PIL.Image
import PIL.ImageCms
import PIL.ImageOps

from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

MAX_IMAGE_PIXELS = 50_000_000

_MAX_CONVERTED_PIXELS = 20_000_000  # decoding and encoding so many takes about a second

# What Chromium draws and Pillow decodes, with its media types.
_MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # JPEG with further pictures, as some cameras write it
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "ICO": "image/x-icon",
    "AVIF": "image/avif",
}
_FORMATS = [name for name in _MEDIA_TYPES if name != "MPO"]
# The engines for PNG and PDF read these as they are.
_DRAWN_FORMATS = frozenset({"PNG", "JPEG", "MPO", "GIF", "WEBP"})
_ORIENTED_FORMATS = frozenset({"PNG", "JPEG", "MPO", "AVIF"})  # the formats whose EXIF data browsers read
_ORIENTATION = 0x112  # of the EXIF tags
_JPEG_QUALITY = 95
_SRGB_GAMMA = 1 / 2.2
_MAX_GAMMA_ERROR = 0.02
_MAX_COLOR_ERROR = 2  # of 255, up to which a profile counts as sRGB
_ICON_PNG = re.compile(rb"\x89PNG\r\n\x1a\n.{4}IHDR(.{8})", re.DOTALL)
_MAX_ICON_SIDE = 256
_READ_ERRORS = (OSError, ValueError, SyntaxError, struct.error, PIL.Image.DecompressionBombError)


class NotAnImageError(ValueError):
    """Error for content that is no raster image of a supported format."""


def normalise_raster(content: bytes) -> tuple[str, bytes]:
    """Return the media type and the content of a raster image that is upright and in sRGB.

    Whatever media type it was declared with, its content decides its format. An image that needs no conversion is
    returned as it is. Others become PNG, or JPEG if they were lossy and are opaque.

    Args:
        content: an image in a format that Chromium supports.

    Raises:
        NotAnImageError: the content is no such image.
        TemplateError: ``image-broken``: it cannot be decoded; ``image-too-large``: it has too many pixels.
    """
    image = open_raster(content)
    if _is_drawn_alike(image):
        return _MEDIA_TYPES[str(image.format)], content
    is_lossy = _is_lossy(image, content)
    if image.width * image.height > _MAX_CONVERTED_PIXELS:
        raise TemplateError(
            ErrorCode.IMAGE_TOO_LARGE,
            f"the image has {image.width}×{image.height} pixels, more than the {_MAX_CONVERTED_PIXELS:,} that can be"
            " converted to upright sRGB: scale it down, or save it as PNG in sRGB",
        )
    try:
        image.load()
        converted = _convert(image)
        output = io.BytesIO()
        if is_lossy and not converted.has_transparency_data:
            converted.save(output, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
            return "image/jpeg", output.getvalue()
        converted.save(output, "PNG")
    except (*_READ_ERRORS, PIL.ImageCms.PyCMSError) as error:
        raise _broken() from error
    return "image/png", output.getvalue()


def open_raster(content: bytes) -> PIL.Image.Image:
    """Read the header of a raster image, without its pixels; errors are those of :func:`normalise_raster`."""
    try:
        image = PIL.Image.open(io.BytesIO(content), formats=_FORMATS)
    except PIL.UnidentifiedImageError as error:
        raise NotAnImageError("the content is no image of a supported format") from error
    except _READ_ERRORS as error:
        raise _broken() from error
    width, height = image.size
    if width * height > MAX_IMAGE_PIXELS:
        raise TemplateError(
            ErrorCode.IMAGE_TOO_LARGE,
            f"the image has {width}×{height} pixels, more than the {MAX_IMAGE_PIXELS:,} allowed: scale it down",
        )
    if image.format == "ICO" and not _is_icon(content):
        raise _broken()
    return image


def measure_raster(content: bytes) -> tuple[int, int]:
    """Return the width and the height in pixels as an image is drawn; errors are those of :func:`normalise_raster`."""
    image = open_raster(content)
    width, height = image.size
    is_on_its_side = _is_oriented(image) and image.getexif().get(_ORIENTATION) in range(5, 9)
    return (height, width) if is_on_its_side else (width, height)


def _broken() -> TemplateError:
    return TemplateError(ErrorCode.IMAGE_BROKEN, "the image cannot be read: save it again as PNG")


def _is_icon(content: bytes) -> bool:
    """Return True if no picture of an icon is larger than the format allows, whatever its header says."""
    sizes = [struct.unpack(">II", header) for header in _ICON_PNG.findall(content)]
    return all(max(size) <= _MAX_ICON_SIDE for size in sizes)


def _is_lossy(image: PIL.Image.Image, content: bytes) -> bool:
    if image.format == "WEBP":
        return b"VP8L" not in content
    return image.format in ("JPEG", "MPO", "AVIF")


def _is_drawn_alike(image: PIL.Image.Image) -> bool:
    """Return True if browsers and the engines for PNG and PDF draw an image alike."""
    return (
        image.format in _DRAWN_FORMATS
        and image.mode != "CMYK"
        and (image.format == "MPO" or not getattr(image, "is_animated", False))
        and not _is_oriented(image)
        and _find_gamma(image) is None
        and _build_transform(image) is None
    )


def _is_oriented(image: PIL.Image.Image) -> bool:
    """Return True if browsers rotate or mirror an image because of its EXIF data."""
    if image.format == "PNG" and "exif" not in image.info:
        return False  # Pillow would decode all pixels to look for EXIF data behind them
    return image.format in _ORIENTED_FORMATS and image.getexif().get(_ORIENTATION, 1) in range(2, 9)


def _find_gamma(image: PIL.Image.Image) -> float | None:
    """Return the gamma of a PNG file that is not that of sRGB; None if nothing needs to be corrected."""
    gamma = image.info.get("gamma")
    if not gamma or image.format != "PNG" or "srgb" in image.info or "icc_profile" in image.info:
        return None
    return None if abs(gamma - _SRGB_GAMMA) < _MAX_GAMMA_ERROR else float(gamma)


def _convert(image: PIL.Image.Image) -> PIL.Image.Image:
    """Return the first frame of an image as 8-bit gray or RGB, with alpha if it is transparent."""
    transform, gamma = _build_transform(image), _find_gamma(image)
    upright = PIL.ImageOps.exif_transpose(image) if _is_oriented(image) else image
    alpha = None
    if upright.mode != "CMYK" and upright.has_transparency_data:
        alpha = upright.convert("RGBA").getchannel("A")
    colors = _to_eight_bits(upright)
    if transform is not None:
        colors = PIL.ImageCms.applyTransform(colors, transform) or colors
    if gamma is not None:
        colors = colors.point(
            [_encode_srgb((level / 255) ** (1 / gamma)) for level in range(256)] * len(colors.getbands())
        )
    if colors.mode == "CMYK":
        colors = colors.convert("RGB")
    result = PIL.Image.frombytes(colors.mode, colors.size, colors.tobytes())  # without metadata
    if alpha is not None:
        result = result.convert("RGB")
        result.putalpha(alpha)
    return result


def _to_eight_bits(image: PIL.Image.Image) -> PIL.Image.Image:
    """Return an image without alpha in the mode that its colour profile, if any, refers to."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 256).convert("L")
    return image.convert(_find_color_mode(image))


def _find_color_mode(image: PIL.Image.Image) -> str:
    if image.mode in ("CMYK", "L"):
        return image.mode
    return "L" if image.mode in ("1", "LA", "La") or image.mode.startswith("I") else "RGB"


def _encode_srgb(light: float) -> int:
    """Return the level of sRGB for a share of light."""
    encoded = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(255 * encoded)


def _build_transform(image: PIL.Image.Image) -> PIL.ImageCms.ImageCmsTransform | None:
    """Return the transform to sRGB; None if the image is in sRGB, or its profile cannot be used as in browsers."""
    data = image.info.get("icc_profile")
    if not data:
        return None
    mode = _find_color_mode(image)
    try:
        transform = PIL.ImageCms.buildTransform(
            PIL.ImageCms.ImageCmsProfile(io.BytesIO(data)), PIL.ImageCms.createProfile("sRGB"), mode, "RGB"
        )
    except (PIL.ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
    return None if mode != "CMYK" and _is_identity(transform, mode) else transform


def _is_identity(transform: PIL.ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Return True if a transform changes no colour visibly."""
    steps = range(0, 256, 51)
    colors = [(level,) * 3 for level in range(256)]
    if mode == "RGB":
        colors += [(red, green, blue) for red in steps for green in steps for blue in steps]
    sample = PIL.Image.new("RGB", (len(colors), 1))
    sample.putdata(colors)
    source = sample.convert(mode).tobytes() if mode == "L" else sample.tobytes()
    result = PIL.ImageCms.applyTransform(sample.convert(mode), transform)
    if result is None:
        return True
    expected = PIL.Image.frombytes(mode, sample.size, source).convert("RGB").tobytes()
    return all(
        abs(before - after) <= _MAX_COLOR_ERROR
        for before, after in zip(expected, result.tobytes(), strict=True)
    )
