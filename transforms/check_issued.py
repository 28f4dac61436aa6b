"""CheckIssued: before anything is made for a generate event, whether its learner still needs it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.claim import Outcome
from certbeam.issuing.issued_certificates import already_issued, held
from certbeam.issuing.learning_records import Enrolment
from certbeam.transforms.parse_events import Requested, read_requests
from certbeam.transforms.stage import Failure, Stage, StageFn


def check(request: CertificateRequest, enrolment: Enrolment | None) -> Outcome | None:
    """The outcome of a request that needs no certificate; None for one that does."""
    claim = request.claim
    if enrolment is None:
        reason = f"the user is not enrolled in batch {request.batch_id} of course {request.course_id}"
        return Outcome(claim, "not-eligible", "not-enrolled", reason)
    entry = held(
        enrolment.issued,
        certificate_id=request.certificate_id,
        template_id=request.template_id,
        name=request.name,
        reissue=request.reissue,
    )
    if entry is None:
        return None
    return already_issued(claim, entry, certificate_id=request.certificate_id, ets=request.ets)


class _CheckFn(StageFn[Requested]):
    stage = "CheckIssued"
    waits = True

    def work(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        requests, failures = read_requests(elements, self.stage)
        yield from failures
        try:
            enrolments = self.worker.learning.enrolments({request.enrolment for request in requests.values()})
        except Rejected as error:
            yield from ((position, Failure(request.claim, error)) for position, request in requests.items())
            return
        for position, request in requests.items():
            outcome = check(request, enrolments.get(request.enrolment))
            yield position, outcome or replace(elements[position], read=request)


class CheckIssued(Stage):
    """Let through the :class:`Requested` whose learner is enrolled and does not hold the certificate yet.

    ``issue`` has no need of it: there, the requests have just come from the learner's enrolment.
    """

    step = "Skip what is issued"
    stage_fn = _CheckFn
