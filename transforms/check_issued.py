"""CheckIssued: skip generate events whose learner already holds the certificate, before anything is made."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.stages.elements import Requesting, make_inputs
from certbeam.stages.failure import Failure
from certbeam.stages.issued_check import check
from certbeam.transforms.stage import Stage, StageFn


class _CheckFn(StageFn[Requesting]):
    stage = "CheckIssued"
    io_bound = True

    def process_elements(self, elements: Sequence[Requesting]) -> Iterator[tuple[int, Any]]:
        inputs, failures = make_inputs(elements, self.stage)
        yield from failures
        try:
            enrolments = self.worker.learning.enrolments({one.request.enrolment for one in inputs.values()})
        except Rejected as error:
            yield from ((position, Failure(one.claim, error)) for position, one in inputs.items())
            return
        for position, one in inputs.items():
            yield position, check(one.request, enrolments.get(one.request.enrolment)) or one


class CheckIssued(Stage):
    """Keep the requests of learners who are enrolled and do not have the certificate yet.

    ``issue`` does not use this stage, because its requests have just been made from the learner's enrolment.
    """

    step = "Skip what is issued"
    stage_fn = _CheckFn
