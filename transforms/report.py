"""Report: outcome lines and dead letters of the claims that end at a stage."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.windowed_value import WindowedValue

from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Message
from certbeam.issuing.dead_letter import SMALL_LETTER, DeadLetter
from certbeam.issuing.large_messages import CutMessage
from certbeam.stages.failure import to_rejection
from certbeam.stages.messages import dead_letter_message, outcome_message
from certbeam.stages.worker import Worker, WorkerSettings, acquire, release
from certbeam.transforms.stage import NAMESPACE

_MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""Of large dead letters whose parts are stored together."""

logger = logging.getLogger(__name__)


class Report(beam.PTransform):
    """Convert a stage's outcomes and dead letters to messages, by the flag of their sink.

    Args:
        stage: the name of the stage, for its counters.
    """

    def __init__(self, stage: str, settings: WorkerSettings) -> None:
        super().__init__()
        self._stage = stage
        self._settings = settings

    def expand(self, outputs: Any) -> Any:
        """Return the messages of a stage's side outputs, by flag."""
        make_letters = beam.ParDo(_DeadLetterFn(self._stage, self._settings))
        return {
            "outcomes": outputs.outcomes
            | "Make outcome lines" >> beam.Map(outcome_message).with_output_types(tuple[bytes, bytes]),
            "dead_letters": outputs.dead_letters
            | "Make dead letters" >> make_letters.with_output_types(tuple[bytes, bytes]),
        }


@dataclass(frozen=True, slots=True)
class LargeLetter:
    """The message of a large dead letter.

    Attributes:
        kind: for counters: ``cut``, ``whole`` because its parts could not be stored, or ``not-stored`` if it was also
            too large to be sent whole. Of such an event only its source holds the rest.
    """

    message: Message
    kind: Literal["cut", "whole", "not-stored"]


def large_letters(letters: Sequence[DeadLetter], worker: Worker) -> list[LargeLetter]:
    """Cut dead letters, store their parts, and return the messages in order."""
    cut = [letter.cut() for letter in letters]
    errors = _store(cut, worker)
    bound = worker.settings.max_message_bytes
    return [_large_letter(letter, one, errors, bound) for letter, one in zip(letters, cut, strict=True)]


def _store(cut: Sequence[CutMessage], worker: Worker) -> dict[str, Rejected]:
    """Store the parts of messages and return errors by name. An error never fails the bundle."""
    parts = [part for one in cut for part in one.parts]
    try:
        errors = worker.large_messages.put(parts)
    except Exception as error:
        errors = dict.fromkeys((part.name for part in parts), to_rejection("Report", error))
    if errors:
        name, first = next(iter(errors.items()))
        logger.error("%d large messages cannot be stored, such as %s: %s", len(errors), name, first.reason)
    return errors


def _large_letter(
    letter: DeadLetter, cut: CutMessage, errors: Mapping[str, Rejected], bound: int
) -> LargeLetter:
    key = letter.key.encode()
    reasons = {part.name: errors[part.name].reason for part in cut.parts if part.name in errors}
    if reasons and len(key) + len(whole := letter.serialise()) <= bound:
        return LargeLetter((key, whole), "whole")
    return LargeLetter((key, letter.serialise_cut(cut, reasons)), "not-stored" if reasons else "cut")


class _DeadLetterFn(beam.DoFn):
    """Make messages of dead letters. Large ones are buffered, so that their parts are stored together."""

    def __init__(self, stage: str, settings: WorkerSettings) -> None:
        self._namespace = f"{NAMESPACE}_{stage}"
        self._settings = settings
        self._buffer: list[WindowedValue] = []
        self._buffered_bytes = 0

    def setup(self) -> None:
        """Acquire the process's worker."""
        self._worker = acquire(self._settings)

    def teardown(self) -> None:
        """Release the process's worker."""
        release(self._settings)

    def start_bundle(self) -> None:
        """Discard the letters of an earlier bundle that failed."""
        self._buffer.clear()
        self._buffered_bytes = 0

    def process(
        self,
        letter: DeadLetter,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Make the message of a small letter; buffer a large one."""
        key, line = dead_letter_message(letter)
        if len(key) + len(line) <= (
            SMALL_LETTER if letter.shares_event else self._settings.max_message_bytes
        ):
            yield key, line
            return
        self._buffer.append(WindowedValue(letter, timestamp, (window,)))
        self._buffered_bytes += len(line)
        if self._buffered_bytes >= _MAX_BUFFERED_BYTES or len(self._buffer) >= self._settings.batch_size:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        """Make the messages of buffered letters. Each keeps its letter's timestamp and window."""
        yield from self._flush()

    def _flush(self) -> Iterator[WindowedValue]:
        if not self._buffer:
            return
        waiting, self._buffer, self._buffered_bytes = self._buffer, [], 0
        made = large_letters([one.value for one in waiting], self._worker)
        for kind, letters in Counter(one.kind for one in made).items():
            Metrics.counter(self._namespace, f"large-letter:{kind}").inc(letters)
        for windowed, one in zip(waiting, made, strict=True):
            yield windowed.with_value(one.message)
