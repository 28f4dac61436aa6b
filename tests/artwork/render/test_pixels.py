"""Pixels of PNG images: QR codes and glyphs over a white background."""

import io

import PIL.Image
import pytest

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import Overlay, QrCodePlacement
from certbeam.artwork.qr.qr_code import QUIET_ZONE, make_qr
from certbeam.artwork.render.png import PngBackground

BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (128, 128, 128)
SIZE = 80


def render(overlay, color=WHITE):
    background = PIL.Image.new("RGB", (SIZE, SIZE), color)
    png = PngBackground(background, Matrix()).render(overlay)
    with PIL.Image.open(io.BytesIO(png)) as picture:
        picture.load()
        assert (picture.mode, picture.size) == ("RGB", (SIZE, SIZE))
        return picture


@pytest.mark.parametrize("caption", ["", "A1B2C3"])
def test_a_qr_code_is_black_on_white_with_its_quiet_zone_and_its_caption(caption):
    qr = make_qr("https://certs.example.org/certs/1", caption)
    left, top = 3, 2
    picture = render(Overlay((QrCodePlacement(Matrix(e=left, f=top), qr),)), GREY)
    modules = len(qr.rows)
    for x in range(SIZE):
        for y in range(SIZE):
            column, row = x - left, y - top
            inside = 0 <= column < qr.width and 0 <= row < qr.height
            column, row = column - QUIET_ZONE, row - QUIET_ZONE
            dark = (
                0 <= column < modules
                and 0 <= row < modules
                and bool(qr.rows[row][column // 8] >> column % 8 & 1)
            )
            assert picture.getpixel((x, y)) == (BLACK if dark else WHITE if inside else GREY), (x, y)


def test_a_background_without_an_overlay_is_unchanged():
    assert render(Overlay(), GREY).getcolors() == [(SIZE * SIZE, GREY)]


def test_the_size_of_a_background_counts_its_pixels_and_its_compressed_rows():
    blank = PngBackground(PIL.Image.new("RGB", (SIZE, SIZE), WHITE), Matrix())
    pixels_of_a_band = 8 * 4 * SIZE
    compressed = sum(len(band.chunk) for band in blank._bands)
    assert blank.size == pixels_of_a_band + compressed
    assert compressed > 0
