"""Pictures that carry a credential, and still are pictures."""

import io

import lxml.etree
import PIL.Image
import pytest

from certbeam.artwork.render.svg_conversion import svg_to_png
from certbeam.badges import baking
from certbeam.badges.baking import bake_png, bake_svg, extract_credential

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>'
CREDENTIAL = '{"name": "]]> & <x/> \\u0000 \ufffe\uffff 🎓", "list": [[1]]}'.encode()


def baked_svg(svg):
    return b"".join(bake_svg([svg], CREDENTIAL))


@pytest.mark.parametrize(
    "prolog", [b"", b"\xef\xbb\xbf", b'<?xml version="1.0"?>\n<!-- <svg x=""> -->\n', b"\n "]
)
def test_the_credential_is_the_first_child_of_the_root(prolog):
    baked = baked_svg(prolog + SVG)
    root = lxml.etree.fromstring(baked)
    first, rest = root[0], root[1]
    assert first.tag == "{https://purl.imsglobal.org/ob/v3p0}credential"
    assert rest.tag == "{http://www.w3.org/2000/svg}rect"
    assert first.text == extract_credential(baked)
    assert baked.count(b"<![CDATA[") == 1


def test_the_picture_looks_as_before():
    assert svg_to_png(baked_svg(SVG)) == svg_to_png(SVG)
    before, after = (
        PIL.Image.open(io.BytesIO(png)) for png in (svg_to_png(SVG), bake_png(svg_to_png(SVG), CREDENTIAL))
    )
    assert before.tobytes() == after.tobytes()
    assert after.text == {"openbadgecredential": CREDENTIAL.decode()}


def test_attributes_with_a_sign_in_them_do_not_end_the_root_early():
    svg = SVG.replace(b"<svg ", b"<svg data-a='>' data-b=\"/>\" ")
    assert lxml.etree.fromstring(baked_svg(svg))[0].tag.endswith("credential")


@pytest.mark.parametrize("cut", range(len(SVG)))
def test_parts_may_be_cut_anywhere_and_are_left_as_they_are(cut):
    parts = bake_svg([SVG[:cut], SVG[cut:], other := b"<!-- shared by many -->"], CREDENTIAL)
    assert b"".join(parts) == baked_svg(SVG + other)
    assert parts[-1] is other


def test_the_heads_of_many_templates_are_not_kept_for_ever():
    for number in range(40):
        bake_svg([SVG + b"<!-- %d -->" % number + bytes(1_000_000)], CREDENTIAL)
        head = b'<svg id="%d' % number + bytes(1_000_000)
        bake_svg([head, b'">', b"</svg>"], CREDENTIAL)
    assert sum(map(len, baking._split_first_part.cache)) < 20_000_000


@pytest.mark.parametrize("picture", [b"", b"<html></html>", b"<svg/>", b"text <svg></svg>"])
def test_what_is_no_svg_is_refused(picture):
    with pytest.raises(ValueError, match="svg element"):
        baked_svg(picture)


def test_what_is_no_png_is_refused():
    with pytest.raises(ValueError, match="PNG"):
        bake_png(svg_to_png(SVG)[:-1], CREDENTIAL)
