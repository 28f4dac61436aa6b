"""ParseEvents: from messages to claims, one for each user or recipient; other messages become dead letters."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.issuing.claim import Job
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.record import Record
from certbeam.stages.event_parsing import PARSERS, STAGE, unreadable
from certbeam.stages.failure import to_rejection
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.stage import Stage, StageFn


class _ParseFn(StageFn[Record]):
    stage = STAGE

    def __init__(self, job: Job, settings: WorkerSettings) -> None:
        super().__init__(settings)
        self._job = job

    def process_elements(self, elements: Sequence[Record]) -> Iterator[tuple[int, Any]]:
        self.count("events:read", len(elements))
        for position, record in enumerate(elements):
            try:
                claims = PARSERS[self._job](record)
            except Exception as error:
                yield position, self.to_failure(record, to_rejection(self.stage, error))
            else:
                yield from ((position, claim) for claim in claims)

    def to_failure(self, element: Record, error: Rejected) -> DeadLetter:
        """Return a dead letter alone: a message that is not an event has no claim."""
        return unreadable(element, job=self._job, error=error)


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
