"""Templates as drawing programs and portals export them."""

import io
import re
from pathlib import Path

import PIL.Image
import pytest
import zxingcpp

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render import Renderer
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

EXPORTS = Path(__file__).parent / "wild"
URL = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11"
VALUES = {
    "recipientName": "Asha Rao",
    "courseName": "Mathematics",
    "issuedDate": "5 March 2026",
    "issuanceDate": "2026-03-05",
    "recipientDistrict": "Pune",
    "signatory0Image": "",
    "signatory0Designation": "Head",
}


def fill_template(name):
    template = compile_template((EXPORTS / name).read_bytes(), embed=str, fonts=system_fonts())
    return template.fill(VALUES, make_qr(URL, "A1B2C3"))


@pytest.mark.parametrize(
    ("name", "variables", "removed"),
    [
        ("figma.svg", {"recipientName", "courseName", "issuedDate"}, []),
        ("illustrator.svg", {"recipientName", "courseName", "issuanceDate"}, []),
        (
            "portal.svg",
            {"recipientName", "recipientDistrict", "issuedDate", "signatory0Image", "signatory0Designation"},
            [],
        ),
        (
            "inkscape.svg",
            {"recipientName", "courseName", "issuedDate"},
            ["removed <flowRoot>"],
        ),
        ("word.svg", {"recipientName", "courseName", "issuanceDate"}, []),
        ("canva.svg", {"recipientName", "courseName", "issuedDate"}, []),
        ("docs.svg", {"recipientName", "courseName"}, []),
    ],
)
def test_variables_are_found_and_active_content_is_removed(name, variables, removed):
    template = fill_template(name).template
    assert template.required_variables == variables
    assert [re.split(":| and ", finding.message)[0] for finding in template.findings] == removed


@pytest.mark.parametrize("name", sorted(path.name for path in EXPORTS.iterdir()))
def test_the_qr_code_can_be_scanned_from_the_png(name):
    png = PIL.Image.open(io.BytesIO(Renderer().render_png(fill_template(name)))).convert("L")
    assert zxingcpp.read_barcode(png).text == URL


@pytest.mark.parametrize("name", sorted(path.name for path in EXPORTS.iterdir()))
def test_all_certificates_share_the_static_background(name):
    first = fill_template(name)
    other = first.template.fill({**VALUES, "recipientName": "Ravi"}, make_qr(URL + "2", "B2C3D4"))
    assert first.background_contents == other.background_contents
