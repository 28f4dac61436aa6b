"""Templates as drawing programs and portals make them."""

import io
import re
from pathlib import Path

import PIL.Image
import pytest
import zxingcpp

from certbeam.credentials.qr import make_qr
from certbeam.credentials.render import Renderer
from certbeam.credentials.template import compile_template
from certbeam.io.templates.fonts import system_fonts

WILD = Path(__file__).parent / "wild"
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


def filled(name):
    template = compile_template((WILD / name).read_bytes(), embed=str, fonts=system_fonts())
    return template.fill(VALUES, make_qr(URL, "A1B2C3"))


@pytest.mark.parametrize(
    ("name", "variables", "removed"),
    [
        ("figma.svg", {"recipientName", "courseName", "issuedDate"}, []),
        ("illustrator.svg", {"recipientName", "courseName", "issuanceDate"}, ["removed <foreignObject>"]),
        (
            "portal.svg",
            {"recipientName", "recipientDistrict", "issuedDate", "signatory0Image", "signatory0Designation"},
            [],
        ),
        (
            "inkscape.svg",
            {"recipientName", "courseName", "issuedDate"},
            ["removed <flowRoot>, which viewers do not know"],
        ),
        ("word.svg", {"recipientName", "courseName", "issuanceDate"}, []),
        ("canva.svg", {"recipientName", "courseName", "issuedDate"}, []),
        ("docs.svg", {"recipientName", "courseName"}, []),
    ],
)
def test_what_they_ask_for_and_lose(name, variables, removed):
    template = filled(name).template
    assert template.variables == variables
    assert [re.split(":|, and", finding.message)[0] for finding in template.findings] == removed


@pytest.mark.parametrize("name", sorted(path.name for path in WILD.iterdir()))
def test_their_codes_are_read_from_their_pictures(name):
    picture = PIL.Image.open(io.BytesIO(Renderer().png(filled(name)))).convert("L")
    assert zxingcpp.read_barcode(picture).text == URL


@pytest.mark.parametrize("name", sorted(path.name for path in WILD.iterdir()))
def test_the_constant_part_serves_all_learners(name):
    first = filled(name)
    other = first.template.fill({**VALUES, "recipientName": "Ravi"}, make_qr(URL + "2", "B2C3D4"))
    assert first.base_contents == other.base_contents
