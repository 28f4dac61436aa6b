"""Check requests against the learner's issued certificates."""

import pytest

from certbeam.issuing.learning_records import Enrolment
from certbeam.stages.issued_check import check_request
from certbeam.tests.support import TEMPLATE, certificate, present


def enrolment_with(*entries):
    return Enrolment({"issued_certificates": list(entries)})


def test_a_user_who_is_not_enrolled_gets_no_certificate():
    outcome = present(check_request(certificate(), None))
    assert (outcome.verdict, outcome.code) == ("not-eligible", "not-enrolled")
    assert outcome.reason == "the user is not enrolled in batch batch-1 of course do_1"


@pytest.mark.parametrize(
    ("entry", "needed"),
    [
        ({"identifier": "x", "name": "n", "templateId": TEMPLATE}, False),
        ({"identifier": "x", "name": "certificate OF completion"}, False),
        ({"identifier": "x", "name": "Certificate of Completion", "templateId": "other"}, True),
    ],
)
def test_a_learner_gets_no_second_certificate_of_a_template(entry, needed):
    outcome = check_request(certificate(), enrolment_with(entry))
    assert (outcome is None) is needed
    assert needed or present(outcome).certificate_id == "x"


def test_a_re_issue_is_made_once():
    again = certificate(reIssue=True, issueMid="LP.9")
    assert check_request(again, enrolment_with({"identifier": "x", "templateId": TEMPLATE})) is None
    outcome = check_request(again, enrolment_with({"identifier": again.certificate_id}))
    assert present(outcome).verdict == "already-issued"
