"""Skip requests whose learner already holds the certificate."""

from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.issued_certificates import already_issued, find_existing
from certbeam.issuing.learning_records import Enrolment
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode


def check(request: CertificateRequest, enrolment: Enrolment | None) -> Outcome | None:
    """Return the outcome of a request that needs no certificate; None if it needs one."""
    claim = request.claim
    if enrolment is None:
        reason = f"the user is not enrolled in batch {request.batch_id} of course {request.course_id}"
        return Outcome(claim, "not-eligible", ReasonCode.NOT_ENROLLED, reason)
    entry = find_existing(
        enrolment.issued,
        certificate_id=request.certificate_id,
        template_id=request.template_id,
        name=request.name,
        reissue=request.reissue,
    )
    if entry is None:
        return None
    return already_issued(claim, entry, certificate_id=request.certificate_id, ets=request.ets)
