"""Texts of SVG images."""

import base64
from urllib.parse import quote

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
QR = make_qr("https://certs.example.org/certs/1")


def find_image(href, **values):
    """Return the root of the SVG image in a filled template."""
    image = f'<image href="{href}" width="9" height="9"/>'
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{image}</svg>'
    template = compile_template(source.encode(), embed=str, fonts=system_fonts())
    (image,) = fromstring(template.fill(values, QR).svg).iter(f"{SVG}image")
    return fromstring(base64.b64decode(image.get("href").partition(",")[2]))


def to_uri(body, attributes='viewBox="0 0 90 90"'):
    return "data:image/svg+xml," + quote(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>')


SEAL = '<style>.a{fill:red}</style><text class="a" x="50%" y="9" text-anchor="middle">Seal</text>'


@pytest.mark.parametrize("attributes", ['viewBox="0 0 90 90"', 'width="90" height="90"', ""])
def test_the_text_of_an_image_of_the_template_becomes_outlines(attributes):
    root = find_image(to_uri(SEAL, attributes))
    assert list(root.iter(f"{SVG}text")) == []
    assert len(list(root.iter(f"{SVG}path"))) == 1


def test_the_text_of_an_image_that_is_a_value_becomes_outlines():
    root = find_image("${logo}", logo=to_uri(SEAL))
    assert list(root.iter(f"{SVG}text")) == []
    assert len(list(root.iter(f"{SVG}path"))) == 1


def test_text_in_a_clipping_path_of_an_image_becomes_its_path():
    root = find_image(
        to_uri('<clipPath id="c"><text y="9">Seal</text></clipPath><rect clip-path="url(#c)"/>')
    )
    (path,) = root.iter(f"{SVG}path")
    assert path.get("d").startswith("M")


def test_braces_in_an_image_are_not_a_variable():
    raw = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cstyle%3Ea{b:c}%3C/style%3E%3C/svg%3E"
    assert find_image(raw).tag == f"{SVG}svg"


def test_a_text_that_cannot_be_set_is_an_error():
    with pytest.raises(TemplateError, match="line 1: line 1: a text cannot be set") as error:
        find_image(to_uri('<text><textPath href="#none">Seal</textPath></text>'))
    assert error.value.code == "template-text"
