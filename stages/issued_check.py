"""Skip requests whose learner already has the certificate."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.issued_certificates import check_issued
from certbeam.issuing.learning_records import Enrolment
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.elements import Requesting, fail_all, make_inputs
from certbeam.stages.worker import Worker

STAGE = "CheckIssued"


def skip_issued(elements: Sequence[Requesting], worker: Worker) -> Iterator[tuple[int, Any]]:
    """Look up the enrolments of requests.

    Yields:
        Positions with the input for a certificate, or with the outcome or failure of a request that needs none.
    """
    inputs, failures = make_inputs(elements, STAGE)
    yield from failures
    try:
        enrolments = worker.learning.enrolments(
            {certificate_input.request.enrolment for certificate_input in inputs.values()}
        )
    except Rejected as error:
        yield from fail_all(inputs.items(), error)
        return
    for position, certificate_input in inputs.items():
        request = certificate_input.request
        yield position, check_request(request, enrolments.get(request.enrolment)) or certificate_input


def check_request(request: CertificateRequest, enrolment: Enrolment | None) -> Outcome | None:
    """Return the outcome of a request that needs no certificate; None if it needs one."""
    if enrolment is None:
        reason = f"the user is not enrolled in batch {request.batch_id} of course {request.course_id}"
        return Outcome(request.claim, "not-eligible", ReasonCode.NOT_ENROLLED, reason)
    return check_issued(enrolment.issued, request)
