"""CheckIssued: skip generate events whose learner already has the certificate, before any file is made."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.stages.elements import Requesting
from certbeam.stages.issued_check import STAGE, skip_issued
from certbeam.transforms.stage import Stage, StageFn


class _CheckFn(StageFn[Requesting]):
    stage = STAGE
    io_bound = True

    def process_elements(self, elements: Sequence[Requesting]) -> Iterable[tuple[int, Any]]:
        return skip_issued(elements, self.worker)


class CheckIssued(Stage):
    """Keep the requests of learners who are enrolled and do not have the certificate yet.

    ``issue`` does not use this stage, because IssueEnrich has just read the same enrolments.
    """

    step = "Skip certificates that are issued already"
    stage_fn = _CheckFn
