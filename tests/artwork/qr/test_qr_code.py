"""Test QR codes with a decoder."""

import io

import PIL.Image
import PIL.ImageOps
import pytest
import zxingcpp

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render.typst_engine import svg_to_png

URL = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11"
SCALE = 4  # pixels in a module


def render(qr):
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{qr.width}" height="{qr.height}">'
        f'<path stroke="#000" d="{qr.path}"/></svg>'
    )
    return PIL.Image.open(io.BytesIO(svg_to_png(svg.encode(), width=qr.width * SCALE)))


@pytest.mark.parametrize("data", ["1", URL, "प्रार्थना", "x" * 500])
def test_a_scanner_reads_the_text_at_error_correction_level_h(data):
    barcode = zxingcpp.read_barcode(render(make_qr(data)), formats=zxingcpp.BarcodeFormat.QRCode)
    assert barcode.text == data
    assert barcode.ec_level == "H"


def test_the_quiet_zone_is_four_modules_wide_on_each_side():
    qr = make_qr(URL)
    box = PIL.ImageOps.invert(render(qr).convert("L")).getbbox()
    assert box == (4 * SCALE, 4 * SCALE, (qr.width - 4) * SCALE, (qr.height - 4) * SCALE)


def test_a_caption_makes_the_code_higher_but_not_wider():
    plain, captioned = make_qr(URL), make_qr(URL, "A1B2C3")
    assert (captioned.width, captioned.path) == (plain.width, plain.path)
    assert captioned.height == plain.height + 5
    assert captioned.caption == "A1B2C3"


@pytest.mark.parametrize("data", ["", "x" * 4000])
def test_a_text_that_no_qr_code_can_hold_is_refused(data):
    with pytest.raises(ValueError, match=r".+"):
        make_qr(data)
