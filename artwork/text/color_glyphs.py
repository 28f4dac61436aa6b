"""Draw the glyphs of colour fonts as images: bitmaps (CBDT, sbix) as they are, layers and paints (COLR) rasterised."""

import io

import PIL.Image
import uharfbuzz

from certbeam.artwork.text.outline import UNITS_PER_EM, GlyphImage

_PIXELS_PER_EM = 256  # of rasterised glyphs: sharp at the size of a title, in print too
_MAX_PIXELS = 1024  # width and height of a rasterised glyph


def has_color_glyphs(face: uharfbuzz.Face) -> bool:
    """Return True if a face has glyphs in colour that :func:`load_color_glyph` can draw."""
    return bool(face.has_color_png or face.has_color_layers or face.has_color_paint)


def load_color_glyph(font: uharfbuzz.Font, glyph: int, slant: float) -> GlyphImage | None:
    """Return the image of a glyph; None if it is not in colour.

    Args:
        font: the font without a synthetic style, scaled to UNITS_PER_EM.
        glyph: the glyph id.
        slant: the slant of the image.
    """
    extents = font.get_glyph_extents(glyph)
    if extents is None or not extents.width or not extents.height:
        return None
    png = font.get_glyph_color_png(glyph)
    if png is not None and png.data:
        return GlyphImage(
            bytes(png.data), extents.x_bearing, extents.y_bearing, extents.width, -extents.height, slant
        )
    face = font.face
    if face.glyph_has_color_paint(glyph) or face.get_glyph_color_layers(glyph):
        return _rasterise(font, glyph, extents, slant)
    return None


def _rasterise(
    font: uharfbuzz.Font, glyph: int, extents: uharfbuzz.GlyphExtents, slant: float
) -> GlyphImage | None:
    scale = _PIXELS_PER_EM / UNITS_PER_EM
    left, right = int(extents.x_bearing * scale) - 1, int((extents.x_bearing + extents.width) * scale) + 2
    bottom, top = int((extents.y_bearing + extents.height) * scale) - 1, int(extents.y_bearing * scale) + 2
    width, height = right - left, top - bottom
    if not (0 < width <= _MAX_PIXELS and 0 < height <= _MAX_PIXELS):
        return None
    paint = uharfbuzz.RasterPaint()
    paint.transform = (scale, 0, 0, scale, 0, 0)
    paint.extents = uharfbuzz.RasterExtents(left, bottom, width, height)
    paint.paint_glyph(font, glyph)
    image = paint.render()
    if image is None:
        return None
    picture = PIL.Image.frombuffer(
        "RGBA", (width, height), image.buffer, "raw", "BGRa", image.extents.stride, -1
    )
    output = io.BytesIO()
    picture.save(output, "PNG")
    return GlyphImage(
        output.getvalue(),
        round(left / scale),
        round(top / scale),
        round(width / scale),
        round(height / scale),
        slant,
    )
