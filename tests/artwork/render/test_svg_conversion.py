"""Test the conversion of SVG to PNG and PDF, and that it reads nothing outside the document."""

import datetime
import io
import re

import PIL.Image
import pytest

from certbeam.artwork.render.svg_conversion import svg_to_pdf, svg_to_png
from certbeam.artwork.template import TemplateError

CREATED = datetime.datetime(2026, 3, 5, 10, 0, tzinfo=datetime.timezone.utc)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">'
    b'<rect width="200" height="200" fill="red"/></svg>'
)


def test_a_png_has_the_given_width_and_is_white_where_nothing_is_drawn():
    image = PIL.Image.open(io.BytesIO(svg_to_png(SVG, width=800))).convert("RGB")
    assert image.size == (800, 400)
    assert image.getpixel((100, 200)) == (255, 0, 0)
    assert image.getpixel((700, 200)) == (255, 255, 255)


def test_a_pdf_has_the_given_title_and_date_and_the_size_of_the_svg():
    pdf = svg_to_pdf(SVG, created=CREATED, title="Prārthanā")
    assert pdf.startswith(b"%PDF-1.")
    # Cairo closes the offset with an apostrophe from 1.17 on.
    assert re.search(rb"/CreationDate \(20260305100000\+00'00'?\)", pdf)
    assert b"/MediaBox [ 0 0 300 150 ]" in pdf
    assert "Prārthanā".encode("utf-16-be").hex() in pdf.decode("latin-1").lower()


def test_a_shadow_does_not_move_the_element_that_casts_it():
    shadow = b'<filter id="f"><feFlood flood-opacity="0"/><feOffset dx="90"/></filter><rect filter="url(#f)"'
    assert svg_to_png(SVG.replace(b"<rect", shadow)) == svg_to_png(SVG)


@pytest.mark.parametrize("convert", [svg_to_png, lambda svg: svg_to_pdf(svg, created=CREATED)])
def test_the_same_svg_gives_the_same_bytes(convert):
    assert convert(SVG) == convert(SVG)


@pytest.mark.parametrize("convert", [svg_to_png, lambda svg: svg_to_pdf(svg, created=CREATED)])
@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "/etc/hostname"])
def test_a_reference_to_anything_outside_the_document_is_refused(convert, url):
    svg = SVG.replace(b"<rect", f'<image href="{url}" width="9" height="9"/><rect'.encode())
    with pytest.raises(TemplateError, match="embed the resource as a data: URI") as error:
        convert(svg)
    assert error.value.code == "template-undrawable"
