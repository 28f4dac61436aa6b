"""QR codes, read back by a decoder."""

import io

import PIL.Image
import PIL.ImageOps
import pytest
import zxingcpp

from certbeam.credentials.qr import make_qr
from certbeam.credentials.render.svg import to_png

URL = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11"


def picture(qr):
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{qr.width}" height="{qr.height}">'
        f'<path stroke="#000" d="{qr.path}"/></svg>'
    )
    return PIL.Image.open(io.BytesIO(to_png(svg.encode(), width=qr.width * 4)))


@pytest.mark.parametrize("data", ["1", URL, "प्रार्थना", "x" * 500])
def test_a_scanner_reads_the_data_at_level_h(data):
    barcode = zxingcpp.read_barcode(picture(make_qr(data)), formats=zxingcpp.BarcodeFormat.QRCode)
    assert barcode.text == data
    assert barcode.ec_level == "H"


def test_four_light_modules_surround_the_code():
    qr = make_qr(URL)
    box = PIL.ImageOps.invert(picture(qr).convert("L")).getbbox()
    assert box == (16, 16, (qr.width - 4) * 4, (qr.height - 4) * 4)


def test_a_caption_makes_the_code_higher_but_not_wider():
    plain, captioned = make_qr(URL), make_qr(URL, "A1B2C3")
    assert (captioned.width, captioned.path) == (plain.width, plain.path)
    assert captioned.height == plain.height + 5
    assert captioned.caption == "A1B2C3"


@pytest.mark.parametrize("data", ["", "x" * 4000])
def test_data_that_no_code_can_hold_is_refused(data):
    with pytest.raises(ValueError, match=r".+"):
        make_qr(data)
