"""The table of variables in docs/templates.md."""

import re

from certbeam.artwork.template.variables import QR_VARIABLES
from certbeam.certificates.template_values import (
    NOT_IN_ISSUE_EVENTS,
    STANDARD_VARIABLES,
    build_template_values,
    is_image_variable,
)
from certbeam.tests.docs.markdown import DOCS
from certbeam.tests.support import PIXEL, certificate

_ROW = re.compile(r"^\| (`\w+`.*?) \| (.+?) \|(?: `(.+?)`)? \|$", re.MULTILINE)


def read_rows():
    """Return the example of each variable in the table; empty for those without one."""
    page = (DOCS / "templates.md").read_text(encoding="utf-8")
    table = page.partition("Every certificate has these variables:")[2].partition("\n\nAn issue event")[0]
    return {name: row[2] for row in _ROW.findall(table) for name in re.findall(r"`(\w+)`", row[0])}


def build_values():
    """Return the values of a certificate whose event has the examples of the table."""
    example = {name: variable.example for name, variable in STANDARD_VARIABLES.items()}
    request = certificate(
        data=[{"recipientId": example["recipientId"], "recipientName": example["recipientName"]}],
        name=example["certificateName"],
        courseName=example["courseName"],
        description=example["certificateDescription"],
        language=example["language"],
        logo=example["logo"],
        issuedDate=example["issuanceDate"],
        expiry="1y",
        issuer={"name": example["issuerName"], "url": "https://board.example.org"},
        related={name: example[name] for name in ("batchId", "courseId", "type")},
        signatoryList=[{"name": "Meera", "id": "S1", "designation": "Director", "image": PIXEL}],
    )
    return build_template_values(request, ())


def test_each_example_is_the_value_that_certificates_have():
    values = build_values()
    for name, example in read_rows().items():
        if name not in QR_VARIABLES and name != "signatory1Name":
            assert example == values[name] or (not example and is_image_variable(name)), name


def test_the_table_has_every_variable_of_a_certificate():
    assert set(build_values()) | QR_VARIABLES == set(read_rows()) - {"signatory1Name"}


def test_the_table_marks_what_issue_events_leave_empty():
    page = (DOCS / "templates.md").read_text(encoding="utf-8")
    assert {name for name in STANDARD_VARIABLES if f"| `{name}` \\* |" in page} == NOT_IN_ISSUE_EVENTS
