"""What is drawn, and that it is drawn from the document alone."""

import datetime
import io

import PIL.Image
import pytest

from certbeam.credentials.render.svg import to_pdf, to_png
from certbeam.credentials.template import TemplateError

MOMENT = datetime.datetime(2026, 3, 5, 10, 0, tzinfo=datetime.timezone.utc)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">'
    b'<rect width="200" height="200" fill="red"/></svg>'
)


def test_a_png_has_the_width_asked_for_and_white_paper():
    image = PIL.Image.open(io.BytesIO(to_png(SVG, width=800))).convert("RGB")
    assert image.size == (800, 400)
    assert image.getpixel((100, 200)) == (255, 0, 0)
    assert image.getpixel((700, 200)) == (255, 255, 255)


def test_a_pdf_has_its_title_its_size_and_the_time_given():
    pdf = to_pdf(SVG, created=MOMENT, title="Prārthanā")
    assert pdf.startswith(b"%PDF-1.")
    assert b"/CreationDate (20260305100000+00'00)" in pdf
    assert b"/MediaBox [ 0 0 300 150 ]" in pdf
    assert "Prārthanā".encode("utf-16-be").hex() in pdf.decode("latin-1").lower()


def test_a_shadow_does_not_move_what_casts_it():
    shadow = b'<filter id="f"><feFlood flood-opacity="0"/><feOffset dx="90"/></filter><rect filter="url(#f)"'
    assert to_png(SVG.replace(b"<rect", shadow)) == to_png(SVG)


@pytest.mark.parametrize("draw", [to_png, lambda svg: to_pdf(svg, created=MOMENT)])
def test_the_same_input_gives_the_same_bytes(draw):
    assert draw(SVG) == draw(SVG)


@pytest.mark.parametrize("draw", [to_png, lambda svg: to_pdf(svg, created=MOMENT)])
@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "/etc/hostname"])
def test_nothing_outside_of_the_document_is_read(draw, url):
    outside = SVG.replace(b"<rect", f'<image href="{url}" width="9" height="9"/><rect'.encode())
    with pytest.raises(TemplateError, match="embed it") as error:
        draw(outside)
    assert error.value.code == "template-undrawable"
