"""Placeholders that later elements cover are part of the background."""

from pathlib import Path

import pytest

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import compile_template
from certbeam.artwork.template.qr_placeholders import QrPlaceholder
from certbeam.artwork.template.text_placeholders import TextPlaceholder
from certbeam.io.templates.fonts import system_fonts
from certbeam.tests.support import PIXEL

QR = make_qr("https://certs.example.org/certs/1")
EXAMPLES = Path(__file__).parents[3] / "examples" / "templates"
TEXT = '<text x="500" y="250" text-anchor="middle" font-size="40">${n}</text>'
CODE = '<image x="50" y="350" width="100" height="110" href="${qrCodeImage}"/>'


def compile_body(body):
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500">{body}</svg>'
    return compile_template(source.encode(), embed=str, fonts=system_fonts())


def is_overlaid(template, kind):
    """Return True if the overlay draws each placeholder of a kind."""
    placeholders = [item for item in template.placeholders if isinstance(item, kind)]
    assert placeholders
    return all(
        item.is_overlaid if isinstance(item, TextPlaceholder) else item.position is not None
        for item in placeholders
    )


@pytest.mark.parametrize(
    "element",
    [
        '<rect x="480" y="200" width="100" height="100"/>',
        '<circle cx="500" cy="240" r="20" fill="none" stroke="red"/>',
        '<path d="M400 240H600" stroke="red"/>',
        '<g transform="translate(500 200)"><rect width="9" height="90"/></g>',
        '<g clip-path="url(#c)"><rect width="1000" height="500"/></g>',
        f'<image x="480" y="200" width="100" height="100" href="{PIXEL}"/>',
        '<image x="480" y="200" width="10%" height="20%" href="${signatory0Image}"/>',
        '<use href="#r" x="480" y="200"/>',
        '<svg x="480" y="200" width="99" height="99"><rect width="9" height="9"/></svg>',
        '<path d="M0 0H1000V500H0ZM20 20H980V480H20Z"/>',
    ],
)
def test_a_text_under_a_later_element_is_part_of_the_background(element):
    defs = '<defs><rect id="r" width="50" height="80"/>'
    defs += '<clipPath id="c"><rect x="480" y="200" width="90" height="90"/></clipPath></defs>'
    template = compile_body(f"{defs}{TEXT}{element}")
    assert not is_overlaid(template, TextPlaceholder)
    filled = template.fill({"n": "Asha", "signatory0Image": ""}, QR)
    assert b"<path" in template.background_svg(filled.background_contents)
    assert not filled.overlay.glyph_runs
    assert [line.text for line in filled.overlay.text_lines] == ["Asha"]
    assert is_overlaid(compile_body(f"{defs}{element}{TEXT}"), TextPlaceholder)


@pytest.mark.parametrize(
    "element",
    [
        '<rect x="20" y="20" width="960" height="460" fill="none" stroke="red" stroke-width="20"/>',
        '<path d="M0 0H1000V500H0ZM20 20V480H980V20Z"/>',
        '<path fill-rule="evenodd" d="M0 0H1000V500H0ZM20 20H980V480H20Z"/>',
        '<rect width="1000" height="500" visibility="hidden"/>',
        '<rect width="1000" height="500" fill="none"/>',
        '<rect width="1000" height="500" opacity="0"/>',
        '<g clip-path="url(#c)"><rect width="1000" height="500"/></g>',
        '<defs><rect width="1000" height="500"/></defs>',
        '<path d=""/>',
        '<text x="500" y="260" font-size="40">x</text>',
        '<use href="#r" x="480" y="20"/>',
    ],
)
def test_a_text_beside_a_later_element_is_part_of_the_overlay(element):
    defs = '<defs><rect id="r" width="50" height="80"/><clipPath id="c"><circle r="90"/></clipPath></defs>'
    assert is_overlaid(compile_body(f"{defs}{TEXT}{element}"), TextPlaceholder)


def test_a_qr_code_under_a_later_element_is_part_of_the_background():
    logo = '<circle cx="100" cy="400" r="10"/>'
    assert not is_overlaid(compile_body(CODE + logo), QrPlaceholder)
    assert is_overlaid(compile_body(logo + CODE), QrPlaceholder)
    assert is_overlaid(compile_body(CODE + '<circle cx="200" cy="400" r="10"/>'), QrPlaceholder)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.svg")), ids=lambda path: path.stem)
def test_the_overlay_draws_all_placeholders_of_the_examples(path):
    template = compile_template(path.read_bytes(), embed=str, fonts=system_fonts())
    assert is_overlaid(template, TextPlaceholder)
    assert is_overlaid(template, QrPlaceholder)
