"""Previews of a template, filled with samples."""

import base64

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.artwork.authoring.preview import preview, preview_sheet
from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.errors import MissingVariable
from certbeam.artwork.svg.images import TRANSPARENT_IMAGE
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
TEMPLATE = compile_template(
    b'<svg viewBox="0 0 200 100"><text y="50" font-size="9">${recipientName}|${courseName}|${signatory0Designation}|'
    b'${expiryDate}|{{dateFormat completedOn "D MMMM YYYY"}}</text><image href="${signatory0Image}"/></svg>',
    embed=str,
    fonts=system_fonts(),
)


def find_text(svg):
    return "".join("".join(fromstring(svg).itertext()).split("\n"))


EXAMPLES = {"expiryDate": "05 March 2027", "completedOn": ""}


def test_samples_fill_the_variables_without_a_given_value():
    filled = preview(TEMPLATE, {"courseName": "Dance"}, EXAMPLES, script="Devanagari")
    assert find_text(filled.svg).replace(" ", "") == "प्रार्थनाश्रीवास्तव|Dance|Director|05March2027|5मार्च2026"


def fill(content, values=None, examples=None):
    """Return the SVG of the preview of a template with some content."""
    template = compile_template(
        f'<svg viewBox="0 0 900 100">{content}</svg>'.encode(), embed=str, fonts=system_fonts()
    )
    return preview(template, values or {}, examples or {}).svg


def test_an_unknown_variable_is_marked():
    text = find_text(fill('<text y="50">${grade}/${district}</text>', examples={"district": ""}))
    assert text == "[no value: grade]/[district]"


def test_an_unknown_image_is_a_red_cross_and_a_known_one_without_example_is_empty():
    (image,) = fromstring(fill('<image href="${badge}"/>')).iter(f"{SVG}image")
    assert b'stroke="#c00"' in base64.b64decode(image.get("href").partition(",")[2])
    (image,) = fromstring(fill('<image href="${badge}"/>', examples={"badge": ""})).iter(f"{SVG}image")
    assert image.get("href") == TRANSPARENT_IMAGE


@pytest.mark.parametrize(
    "content", ['<text y="9">{{dateFormat day "D"}}</text>', '<rect style="fill:${day}"/>']
)
def test_an_unknown_variable_that_cannot_be_marked_is_an_error(content):
    with pytest.raises(MissingVariable) as raised:
        fill(content)
    assert raised.value.name == "day"
    assert fill(content, values={"day": "2026-03-05"})


def test_a_variable_with_a_default_needs_no_value():
    assert find_text(fill('<text y="9">${grade:-passed}</text>')) == "passed"


def test_signatories_have_names_and_signatures():
    svg = fill('<image href="${signatory1Image}"/><text y="9">${signatory1Name}</text>')
    assert find_text(svg) == "Signatory 2"
    assert TRANSPARENT_IMAGE.encode() not in svg


def test_a_contact_sheet_shows_the_template_in_each_script():
    sheet = preview_sheet(TEMPLATE, {}, EXAMPLES)
    assert len(fromstring(sheet).findall(f"{SVG}g")) == len(SAMPLES)
    shown = find_text(sheet)
    assert all(sample.name.split()[0] in shown for sample in SAMPLES.values())
