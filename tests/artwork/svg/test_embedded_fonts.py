"""Test the fonts of ``@font-face`` rules (CSS Fonts 4 §4)."""

import base64

import pytest
from lxml import etree

from certbeam.artwork.errors import Finding
from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.embedded_fonts import load_embedded_fonts
from certbeam.artwork.text import FaceIndex
from certbeam.artwork.text.font_file import open_font_file
from certbeam.tests.artwork.text.built_fonts import build_font

FONT = build_font("File")
INSTALLED = FaceIndex([open_font_file(build_font("Installed", "Bold"))])


def make_uri(content=FONT, media_type="font/ttf"):
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def load(css):
    """Return the faces of a style sheet and the findings."""
    root = etree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">\n<style>{css}</style></svg>')
    findings: list[Finding] = []
    return load_embedded_fonts(root, DataUris(root), INSTALLED, findings), findings


def load_face(descriptors):
    (face,), findings = load(f"@font-face{{font-family:'My Brand';{descriptors}}}")
    assert findings == []
    return face


@pytest.mark.parametrize(
    "media_type",
    [
        "font/ttf",
        "application/octet-stream",
        "application/vnd.ms-opentype",
        "font/truetype",
        "image/svg+xml",
        "",
    ],
)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_font_is_loaded_whatever_its_media_type(media_type, quote):
    face = load_face(f"src:url({quote}{make_uri(media_type=media_type)}{quote})")
    assert face.families == ("My Brand",)
    assert face.is_embedded
    assert face.covers("A")


def test_the_rule_declares_the_style_and_not_the_file():
    bold_italic = make_uri(build_font(weight=700, italic=True))
    face = load_face(f"src:url({bold_italic})")
    assert (face.weight, face.stretch, face.is_italic) == ((400, 400), (100, 100), False)
    assert (face.has_bold_glyphs, face.has_italic_glyphs) == (True, True)
    face = load_face(f"src:url({make_uri()});font-weight:bold;font-style:oblique;font-stretch:condensed")
    assert (face.weight, face.stretch, face.is_italic) == ((700, 700), (75, 75), True)


@pytest.mark.parametrize(
    ("style", "is_italic"),
    [("italic", True), ("oblique 10deg", True), ("oblique 0deg 10deg", False), ("normal", False)],
)
def test_a_face_from_upright_to_oblique_is_not_italic(style, is_italic):
    assert load_face(f"src:url({make_uri()});font-style:{style}").is_italic == is_italic


@pytest.mark.parametrize(
    ("descriptors", "weight", "stretch"),
    [
        ("font-weight:200 600;font-stretch:80% 110%", (200, 600), (80, 110)),
        ("font-weight:auto", (100, 900), (100, 100)),
        ("", (100, 900), (100, 100)),
        ("font-weight:nonsense", (400, 400), (100, 100)),
    ],
)
def test_a_variable_font_has_the_declared_ranges_or_those_of_its_axes(descriptors, weight, stretch):
    face = load_face(f"src:url({make_uri(build_font(axes=[('wght', 100, 400, 900)]))});{descriptors}")
    assert (face.weight, face.stretch) == (weight, stretch)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ("U+41", ((0x41, 0x41),)),
        ("u+0-ff, U+0131,U+2074", ((0, 0xFF), (0x131, 0x131), (0x2074, 0x2074))),
        ("U+4??", ((0x400, 0x4FF),)),
        ("U+0-FFFFFF", ((0, 0x10FFFF),)),
        ("nonsense", None),
    ],
)
def test_unicode_ranges_are_parsed(ranges, expected):
    assert load_face(f"src:url({make_uri()});unicode-range:{ranges}").unicode_range == expected


def test_a_face_draws_only_the_characters_of_its_unicode_range():
    face = load_face(f"src:url({make_uri()});unicode-range:U+42")
    assert (face.covers("A"), face.covers("B")) == (False, True)


def test_all_rules_of_a_family_are_kept():
    rule = f"@font-face{{font-family:Brand;src:url({make_uri()})}}"
    assert len(load(rule * 3)[0]) == 3


@pytest.mark.parametrize(
    "source",
    [
        f"url({make_uri(b'', 'application/vnd.ms-fontobject')}) format('embedded-opentype'),url({make_uri()})",
        f"url({make_uri(FONT[:100])}),url({make_uri()}) format('truetype')",
        f"local('Absent'),url({make_uri()})",
        f"url(#glyphs) format('svg'),url({make_uri()})",
    ],
)
def test_the_first_usable_source_is_loaded(source):
    assert load_face(f"src:{source}").covers("A")


@pytest.mark.parametrize("name", ["Installed Bold", "'Installed-Bold'"])
def test_a_local_source_is_an_installed_face(name):
    face = load_face(f"src:local({name})")
    assert face.families == ("My Brand",)
    assert face.open_face is INSTALLED.faces[0].open_face


def test_a_damaged_font_is_a_finding_with_its_line():
    faces, (finding,) = load(f"\n\n@font-face{{font-family:Brand;src:url({make_uri(FONT[:100])})}}")
    assert faces == []
    assert (finding.code, finding.line) == ("font-damaged", 4)
    assert "'Brand' cannot be used, because it is damaged" in finding.message


@pytest.mark.parametrize(
    "css", ["@font-face{}", "@font-face;", "@font-face{font-family:Brand}", "@font-face"]
)
def test_an_incomplete_rule_is_ignored(css):
    assert load(css) == ([], [])


def test_the_fonts_of_a_template_have_a_total_size(monkeypatch):
    monkeypatch.setattr("certbeam.artwork.svg.embedded_fonts.MAX_FONTS_SIZE", 2 * len(FONT))
    faces, (finding,) = load(f"@font-face{{font-family:Brand;src:url({make_uri()})}}" * 3)
    assert len(faces) == 2
    assert "'Brand' cannot be used, because it has more than 0 MB without compression" in finding.message
