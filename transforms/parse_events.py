"""ParseEvents: from messages to claims, one for each user or recipient; other messages become dead letters."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.issuing.claim import Job
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.record import Record
from certbeam.stages.event_parsing import STAGE, make_dead_letter, parse_records
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.stage import Stage, StageFn


class _ParseFn(StageFn[Record]):
    stage = STAGE

    def __init__(self, job: Job, settings: WorkerSettings) -> None:
        super().__init__(settings)
        self._job = job

    def process_elements(self, elements: Sequence[Record]) -> Iterable[tuple[int, Any]]:
        self.count("events:read", len(elements))
        return parse_records(elements, self._job)

    def to_failure(self, element: Record, error: Rejected) -> DeadLetter:
        """Return a dead letter alone: a message that is not an event has no claim."""
        return make_dead_letter(element, job=self._job, error=error)


class ParseEvents(Stage):
    """Parse messages to claims."""

    step = "Read claims"
    stage_fn = _ParseFn

    def __init__(self, job: Job, settings: WorkerSettings) -> None:
        super().__init__(settings)
        self._job = job

    def make_fn(self) -> _ParseFn:
        """Return the DoFn that parses this job's events."""
        return _ParseFn(self._job, self._settings)
