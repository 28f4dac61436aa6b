"""Values of template variables."""

from datetime import date

import pytest

from certbeam.certificates.template_values import build_template_values, format_long_date, is_image_variable
from certbeam.tests.support import PIXEL, certificate


def test_the_standard_variables_have_values():
    request = certificate(
        description="d",
        expiry="1y",
        logo="l.svg",
        signatoryList=[
            {"name": "Meera", "id": "S1", "designation": "Director", "image": PIXEL},
            {"name": "Tomas", "id": "S2", "designation": "Head", "image": "t.svg"},
            {"name": "Farida", "id": "S3", "designation": "Dean", "image": "f.svg"},
        ],
    )
    values = build_template_values(request, ())
    expected = {
        "certificateName": "Certificate of Completion",
        "certificateDescription": "d",
        "courseName": "Soil & Water",
        "issuedDate": "31 March 2026",
        "issuanceDate": "2026-03-31",
        "expiryDate": "31 March 2027",
        "recipientId": "u-1",
        "recipientName": "Learner u-1",
        "issuerName": "Aranya Academy",
        "logo": "l.svg",
        "signatory0Name": "Meera",
        "signatory0Designation": "Director",
        "signatory0Image": PIXEL,
        "signatory0Id": "S1",
        "signatory2Name": "Farida",
        "signatory2Image": "f.svg",
    }
    assert {name: values[name] for name in expected} == expected


def test_a_certificate_that_does_not_expire_has_an_empty_expiry_date():
    assert build_template_values(certificate(), ())["expiryDate"] == ""


def test_variables_of_a_missing_signatory_are_empty():
    values = build_template_values(
        certificate(), ["signatory1Name", "signatory9Image", "signatoryName", "grade"]
    )
    assert (values["signatory1Name"], values["signatory9Image"]) == ("", "")
    assert "signatoryName" not in values
    assert "grade" not in values


def test_related_values_are_named_by_path_and_by_its_last_part():
    related = {
        "batchId": "b",
        "courseId": "c",
        "location": {"state": "Kerala"},
        "assessment": {"score": {"do_1": 80}},
        "course": {"name": "Long"},
        "recipientName": "forged",
        "active": True,
        "nothing": None,
        "list": ["a", 2],
    }
    values = build_template_values(certificate(related=related), ())
    assert (values["location.state"], values["state"]) == ("Kerala", "Kerala")
    assert (values["assessment.score.do_1"], values["do_1"]) == ("80", "80")
    assert (values["course.name"], values["batchId"]) == ("Long", "b")
    assert values["recipientName"] == "Learner u-1"
    assert [values[name] for name in ("active", "nothing", "list")] == ["true", "", "a, 2"]


def test_a_full_path_has_priority_over_the_last_part_of_another():
    related = {"batchId": "b", "courseId": "c", "user": {"state": "inner"}, "state": "outer"}
    assert build_template_values(certificate(related=related), ())["state"] == "outer"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("logo", True),
        ("signatory0Image", True),
        ("signatory12Image", True),
        ("signatoryImage", False),
        ("logos", False),
    ],
)
def test_image_variables_are_the_logo_and_signatory_images(name, expected):
    assert is_image_variable(name) is expected


def test_related_values_do_not_override_standard_variables():
    related = {
        "batchId": "batch-1",
        "courseId": "do_1",
        "recipientName": "Somebody else",
        "deeper": {"certificateName": "Another", "courseId": "do_2", "signatory0Name": "Nobody"},
    }
    values = build_template_values(certificate(related=related), ())
    assert values["recipientName"] == "Learner u-1"
    assert values["certificateName"] == "Certificate of Completion"
    assert values["courseId"] == "do_1"
    assert values["signatory0Name"] == "Meera"
    assert values["deeper.courseId"] == "do_2"


def test_a_date_is_printed_with_the_name_of_the_month():
    assert format_long_date(date(2021, 5, 7)) == "07 May 2021"


def test_the_language_of_the_event_is_a_variable():
    assert build_template_values(certificate(language="hi"), ())["language"] == "hi"
