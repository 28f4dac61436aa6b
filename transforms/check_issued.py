"""CheckIssued: skip generate events whose learner already holds the certificate, before anything is made."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.stages.elements import Requested
from certbeam.stages.event_parsing import read_requests
from certbeam.stages.failure import Failure
from certbeam.stages.issued_check import check
from certbeam.transforms.stage import Stage, StageFn


class _CheckFn(StageFn[Requested]):
    stage = "CheckIssued"
    io_bound = True

    def process_elements(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
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
    """Keep :class:`Requested` certificates whose learner is enrolled and does not hold them yet.

    ``issue`` does not use this stage, because its requests have just been made from the learner's enrolment.
    """

    step = "Skip what is issued"
    stage_fn = _CheckFn
