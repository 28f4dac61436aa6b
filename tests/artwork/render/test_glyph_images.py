"""Test emoji in colour in all formats."""

import base64
import datetime
import io
import re
from urllib.parse import unquote

import pikepdf
import PIL.Image
import PIL.ImageChops
import pypdfium2
import pytest

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render import PdfMetadata, Renderer
from certbeam.artwork.render.typst_engine import svg_to_png
from certbeam.artwork.template import compile_template

METADATA = PdfMetadata("Certificate", "en", datetime.datetime(2026, 3, 5, tzinfo=datetime.timezone.utc))


@pytest.fixture
def fill(fonts):
    """Return a function that fills a text with a name."""

    def fill(name, attributes=""):
        svg = (
            f'<svg viewBox="0 0 400 100"><text x="20" y="60" font-size="40" {attributes}>${{n}}</text></svg>'
        )
        return compile_template(svg.encode(), embed=str, fonts=fonts).fill({"n": name}, make_qr("x"))

    return fill


def open_png(data):
    return PIL.Image.open(io.BytesIO(data)).convert("RGB")


def count_colored_pixels(image):
    return sum(image.convert("HSV").getchannel("S").histogram()[80:])


def test_an_emoji_is_an_image_in_the_svg(fill):
    svg = fill("Asha 🎉").svg.decode()
    assert svg.count("<image ") == 1
    (data,) = re.findall(r'href="data:image/png;base64,([^"]+)"', svg)
    png = base64.b64decode(data)
    assert PIL.Image.open(io.BytesIO(png)).size == (136, 128)


@pytest.mark.parametrize("name", ["Asha 🎉", "👩🏽\u200d🚀 🇮🇳"])
@pytest.mark.parametrize(
    "attributes", ["", 'transform="rotate(8 100 50) scale(1.2)"', 'font-style="italic"', 'opacity="0.5"']
)
def test_png_and_pdf_show_the_emoji_of_the_svg(fill, name, attributes):
    filled = fill(name, attributes)
    expected = open_png(svg_to_png(filled.svg, width=800))
    png = open_png(Renderer().render_png(filled, width=800))
    pdf = pypdfium2.PdfDocument(Renderer().render_pdf(filled, METADATA))[0].render(scale=8 / 3).to_pil()
    assert count_colored_pixels(expected) > 500
    for image in (png, pdf.convert("RGB")):
        difference = PIL.ImageChops.difference(expected, image).convert("L")
        assert sum(difference.histogram()[128:]) < 100


def test_equal_emoji_of_a_pdf_share_their_objects(fill):
    renderer = Renderer()
    pdf = renderer.render_pdf(fill("🎉 🎉 🏆"), METADATA)
    with pikepdf.open(io.BytesIO(pdf)) as file:
        images = [image for image in file.pages[0].Resources.XObject.values() if "/SMask" in image]
        assert [(image.Width, image.Height) for image in images] == [(136, 128)] * 2
        assert file.pages[0].Contents[-1].read_bytes().count(b" Do") == 3
        assert not file.check_pdf_syntax()
        object_count = len(file.objects)
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill("🎉 🏆"), METADATA))) as file:
        assert len(file.objects) == object_count
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill("Asha"), METADATA))) as file:
        assert not [image for image in file.pages[0].Resources.XObject.values() if "/SMask" in image]


def test_the_data_uri_of_a_certificate_has_its_emoji(fill):
    filled = fill("🎉")
    uri = b"".join(filled.data_uri_parts).decode()
    assert '"' not in uri
    assert unquote(uri.partition(",")[2]).encode() == filled.svg
