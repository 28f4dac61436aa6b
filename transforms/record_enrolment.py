"""RecordEnrolment: record certificates on enrolments, after the certificates that they replace are revoked."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.stages.elements import StoredCertificate
from certbeam.stages.enrolments import STAGE, record_enrolments
from certbeam.transforms.stage import Stage, StageFn


class _RecordFn(StageFn[StoredCertificate]):
    stage = STAGE
    io_bound = True

    def process_elements(self, elements: Sequence[StoredCertificate]) -> Iterable[tuple[int, Any]]:
        return record_enrolments(elements, self.worker)


class RecordEnrolment(Stage):
    """Record registered certificates, and emit the request and the outcome of each."""

    step = "Record certificates on enrolments"
    stage_fn = _RecordFn
