"""Baking of credentials into SVG and PNG."""

import io

import lxml.etree
import PIL.Image
import pytest
from PIL.PngImagePlugin import PngImageFile

from certbeam.artwork.render.typst_engine import svg_to_png
from certbeam.badges import baking
from certbeam.badges.baking import bake_png, bake_svg, extract_credential
from certbeam.tests.support import present

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>'
CREDENTIAL = '{"name": "]]> & <x/> \\u0000 \ufffe\uffff 🎓", "list": [[1]]}'.encode()


def baked_svg(svg):
    return b"".join(bake_svg([svg], CREDENTIAL))


@pytest.mark.parametrize(
    "prolog", [b"", b"\xef\xbb\xbf", b'<?xml version="1.0"?>\n<!-- <svg x=""> -->\n', b"\n "]
)
def test_the_credential_is_the_first_child_of_the_root_element(prolog):
    baked = baked_svg(prolog + SVG)
    root = lxml.etree.fromstring(baked)
    first, rest = root[0], root[1]
    assert first.tag == "{https://purl.imsglobal.org/ob/v3p0}credential"
    assert rest.tag == "{http://www.w3.org/2000/svg}rect"
    assert first.text == extract_credential(baked)
    assert baked.count(b"<![CDATA[") == 1


def test_a_baked_picture_has_the_same_pixels():
    assert svg_to_png(baked_svg(SVG)) == svg_to_png(SVG)
    before, after = (
        PIL.Image.open(io.BytesIO(png)) for png in (svg_to_png(SVG), bake_png(svg_to_png(SVG), CREDENTIAL))
    )
    assert before.tobytes() == after.tobytes()
    assert isinstance(after, PngImageFile)
    assert after.text == {"openbadgecredential": CREDENTIAL.decode()}


def test_a_greater_than_sign_in_an_attribute_does_not_end_the_start_tag():
    svg = SVG.replace(b"<svg ", b"<svg data-a='>' data-b=\"/>\" ")
    assert lxml.etree.fromstring(baked_svg(svg))[0].tag.endswith("credential")


@pytest.mark.parametrize("cut", range(len(SVG)))
def test_parts_may_be_split_anywhere_and_later_parts_are_not_copied(cut):
    parts = bake_svg([SVG[:cut], SVG[cut:], other := b"<!-- shared by many -->"], CREDENTIAL)
    assert b"".join(parts) == baked_svg(SVG + other)
    assert parts[-1] is other


def test_the_cache_of_start_tags_is_bounded():
    for number in range(40):
        bake_svg([SVG + b"<!-- %d -->" % number + bytes(1_000_000)], CREDENTIAL)
        head = b'<svg id="%d' % number + bytes(1_000_000)
        bake_svg([head, b'">', b"</svg>"], CREDENTIAL)
    assert sum(map(len, present(baking._split_first_part.cache))) < 20_000_000


@pytest.mark.parametrize("picture", [b"", b"<html></html>", b"<svg/>", b"text <svg></svg>"])
def test_a_picture_without_an_svg_element_is_rejected(picture):
    with pytest.raises(ValueError, match="svg element"):
        baked_svg(picture)


def test_a_picture_that_is_no_png_is_rejected():
    with pytest.raises(ValueError, match="PNG"):
        bake_png(svg_to_png(SVG)[:-1], CREDENTIAL)
