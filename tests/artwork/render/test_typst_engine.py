"""Test the drawing of SVG as PNG and PDF, and that it reads nothing outside the document."""

import base64
import datetime
import io

import numpy as np
import pikepdf
import PIL.Image
import pytest
import typst

from certbeam.artwork.render.typst_engine import svg_to_image, svg_to_pdf, svg_to_png
from certbeam.artwork.template import TemplateError

CREATED = datetime.datetime(2026, 3, 5, 10, 0, tzinfo=datetime.timezone.utc)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">'
    b'<rect width="200" height="200" fill="red"/></svg>'
)
STRIPES = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}">{2}</svg>'


def insert(content):
    return SVG.replace(b"<rect", content.encode() + b"<rect")


def test_a_png_has_the_given_width_and_is_white_where_nothing_is_drawn():
    image = PIL.Image.open(io.BytesIO(svg_to_png(SVG, width=800))).convert("RGB")
    assert image.size == (800, 400)
    assert image.getpixel((100, 200)) == (255, 0, 0)
    assert image.getpixel((700, 200)) == (255, 255, 255)


@pytest.mark.parametrize("page", [(1123, 794), (841.89, 595.28), (21, 29.7)])
def test_the_page_is_stretched_to_whole_pixels(page):
    """A line of each pixel row would vanish or blur if the image were drawn with a part of a row."""
    height = round(400 * page[1] / page[0])
    row = page[1] / height
    rows = "".join(f'<rect y="{y * row}" width="{page[0]}" height="{row}"/>' for y in range(0, height, 2))
    image = svg_to_image(STRIPES.format(*page, rows).encode(), 400).convert("L")
    assert image.size == (400, height)
    column = np.asarray(image)[:, 200]
    assert column[::2].max() < 8
    assert column[1::2].min() > 247


def test_a_pdf_has_the_given_title_and_date_and_the_size_of_the_svg():
    with pikepdf.open(io.BytesIO(svg_to_pdf(SVG, created=CREATED, title="Prārthanā"))) as pdf:
        assert str(pdf.docinfo.Title) == "Prārthanā"
        assert str(pdf.docinfo.CreationDate) == "D:20260305100000Z"
        assert [float(side) for side in pdf.pages[0].MediaBox] == [0, 0, 300, 150]


def test_a_jpeg_is_embedded_as_it_is():
    jpeg = io.BytesIO()
    PIL.Image.radial_gradient("L").convert("RGB").save(jpeg, "JPEG")

    uri = "data:image/jpeg;base64," + base64.b64encode(jpeg.getvalue()).decode()
    with pikepdf.open(io.BytesIO(svg_to_pdf(insert(f'<image href="{uri}" width="99" height="99"/>')))) as pdf:
        streams = [item.read_raw_bytes() for item in pdf.objects if isinstance(item, pikepdf.Stream)]
    assert jpeg.getvalue() in streams


def test_a_shadow_is_drawn():
    region = 'filterUnits="userSpaceOnUse" width="400" height="200"'
    shadow = (
        f'<filter id="f" {region}><feOffset dx="190"/></filter><rect width="10" height="9" filter="url(#f)"/>'
    )
    image = svg_to_image(insert(shadow).replace(b'"red"', b'"none"'), 400)
    assert [image.getpixel((x, 4)) for x in (5, 195)] == [(255, 255, 255), (0, 0, 0)]


def test_a_repeated_gradient_is_drawn():
    gradient = (
        '<linearGradient id="g" x2=".2" spreadMethod="reflect"><stop/><stop offset="1" stop-color="#fff"/>'
    )
    svg = insert(f"{gradient}</linearGradient>").replace(b'"red"', b'"url(#g)"')
    assert b"/FunctionType 4" in svg_to_pdf(svg)


def test_text_is_not_drawn_in_a_font_of_the_machine():
    assert svg_to_png(insert('<text x="250" y="99" font-family="serif">A</text>')) == svg_to_png(SVG)


@pytest.mark.parametrize("convert", [svg_to_png, svg_to_pdf])
def test_the_same_svg_gives_the_same_bytes(convert):
    assert convert(SVG) == convert(SVG)


@pytest.mark.parametrize("convert", [svg_to_png, svg_to_pdf])
@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "/etc/hostname"])
def test_a_reference_to_anything_outside_the_document_is_refused(convert, url):
    with pytest.raises(TemplateError, match="embed the resource as a data: URI") as error:
        convert(insert(f'<image href="{url}" width="9" height="9"/>'))
    assert error.value.code == "template-undrawable"


def test_a_file_of_the_working_directory_is_not_read(tmp_path, monkeypatch):
    PIL.Image.new("RGB", (1, 1)).save(tmp_path / "secret.png")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TemplateError, match=r"refers to 'secret\.png'") as error:
        svg_to_png(insert('<image href="secret.png" width="9" height="9"/>'))
    assert str(tmp_path) not in str(error.value)


@pytest.mark.parametrize(
    "svg", [b"<svg", b'<svg width="9" height="9"><rect</svg>', b'<svg width="0" height="9"/>']
)
def test_a_document_that_cannot_be_drawn_is_refused(svg):
    with pytest.raises(TemplateError, match="cannot be drawn as PNG or PDF: ") as error:
        svg_to_pdf(svg)
    assert error.value.code == "template-undrawable"


def test_a_panic_of_typst_refuses_the_template(monkeypatch):
    panic = type("PanicException", (BaseException,), {})

    def compile_badly(*_, **__):
        raise panic("index out of bounds")

    monkeypatch.setattr(typst, "Compiler", compile_badly)
    with pytest.raises(TemplateError, match="index out of bounds"):
        svg_to_png(SVG)
