"""Previews of a template, filled with samples."""

from defusedxml.ElementTree import fromstring

from certbeam.artwork.authoring.preview import preview, preview_sheet
from certbeam.artwork.authoring.samples import SAMPLES
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


def test_samples_fill_the_variables_without_a_given_value():
    filled = preview(TEMPLATE, {"courseName": "Dance"}, script="Devanagari")
    assert (
        find_text(filled.svg).replace(" ", "")
        == "प्रार्थनाश्रीवास्तव|Dance|signatory0Designation|5March2026|5मार्च2026"
    )


def test_a_contact_sheet_shows_the_template_in_each_script():
    sheet = preview_sheet(TEMPLATE, {})
    assert len(fromstring(sheet).findall(f"{SVG}g")) == len(SAMPLES)
    shown = find_text(sheet)
    assert all(sample.name.split()[0] in shown for sample in SAMPLES.values())
