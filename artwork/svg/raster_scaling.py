"""Enlarge raster images of few pixels, which engines and viewers scale differently."""

import io
import math

import PIL.Image

from certbeam.artwork.svg.image_placement import ImagePlacement
from certbeam.artwork.svg.raster_images import open_raster

_MAX_PIXELS = 1_000_000  # of an enlarged image
_MAX_SMOOTHED_PIXELS = 4096  # of an image that is enlarged with smoothing: larger ones look alike everywhere
_MIN_SMOOTHED_FACTOR = 4


def enlarge_raster(media_type: str, content: bytes, placement: ImagePlacement) -> tuple[str, bytes]:
    """Return the media type and the content of an image that has the pixels with which it is drawn.

    PDF viewers do not smooth the pixels of an image, and the engine for PNG smooths them always. Browsers do either.

    Args:
        media_type: the media type of the image.
        content: an image that can be decoded.
        placement: the size at which it is drawn.
    """
    if not placement.width or not placement.height:
        return media_type, content
    image = open_raster(content)
    across, down = _find_factors(image.size, placement)
    is_small = (
        image.width * image.height <= _MAX_SMOOTHED_PIXELS and max(across, down) >= _MIN_SMOOTHED_FACTOR
    )
    if max(across, down) <= 1 or image.size == (1, 1) or not (placement.is_pixelated or is_small):
        return media_type, content
    mode = "RGBA" if image.has_transparency_data else "RGB"
    resampling = PIL.Image.Resampling.NEAREST if placement.is_pixelated else PIL.Image.Resampling.BILINEAR
    enlarged = image.convert(mode).resize((image.width * across, image.height * down), resampling)
    output = io.BytesIO()
    enlarged.save(output, "PNG")
    return "image/png", output.getvalue()


def _find_factors(size: tuple[int, int], placement: ImagePlacement) -> tuple[int, int]:
    """Return the whole factors for both sides; they are equal unless the image is stretched."""
    width, height = size
    scale = placement.pixels_per_unit
    across = max((placement.width or 0.0) * scale / width, 1.0)
    down = max((placement.height or 0.0) * scale / height, 1.0)
    if not placement.is_stretched:
        across = down = max(across, down)
    excess = math.sqrt(width * height * across * down / _MAX_PIXELS)
    if excess > 1:
        across, down = across / excess, down / excess
    return max(math.floor(across), 1), max(math.floor(down), 1)
