"""Test the images of glyphs in colour."""

import io

import PIL.Image
import pytest

from certbeam.artwork.text.font import FontSettings
from certbeam.artwork.text.font_file import open_font_file
from certbeam.tests.artwork.text.built_fonts import build_color_font, build_font

PLAIN = FontSettings()


def load_image(content, settings=PLAIN):
    font = open_font_file(content).load(settings)
    return font.load_outline(font.harfbuzz.get_nominal_glyph(ord("A"))).image


@pytest.mark.parametrize("version", [0, 1])
def test_the_layers_of_a_glyph_become_an_image(version):
    face = open_font_file(build_color_font(version))
    assert face.has_color
    image = load_image(build_color_font(version))
    picture = PIL.Image.open(io.BytesIO(image.png))

    def color_at(x, y):
        """Return the colour at a position in outline units."""
        scale = picture.width / image.width
        return picture.getpixel((round((x - image.left) * scale), round((image.top - y) * scale)))

    assert color_at(200, 300) == (255, 0, 0, 255)
    red, green, blue, alpha = color_at(600, 300)
    assert (red, green, blue) == (0, 0, 255)
    assert alpha == pytest.approx(128, abs=1)
    assert color_at(600, 610)[3] == 0


def test_the_image_of_an_italic_glyph_is_slanted_and_not_resized():
    plain = load_image(build_color_font())
    italic = load_image(build_color_font(), FontSettings(is_slanted=True))
    assert (plain.slant, italic.slant) == (0, 0.25)
    assert (plain.left, plain.width) == (italic.left, italic.width)


def test_a_glyph_without_colour_has_no_image():
    assert load_image(build_font()) is None
