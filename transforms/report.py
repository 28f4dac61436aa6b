"""Report: outcome lines and dead letters of the claims that end at a stage."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.windowed_value import WindowedValue

from certbeam.issuing.dead_letter import SMALL_LETTER, DeadLetter
from certbeam.stages.large_letters import make_large_letters
from certbeam.stages.messages import dead_letter_message, outcome_message
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.stage import NAMESPACE
from certbeam.transforms.worker_fn import WorkerFn

_MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""Maximum size of buffered dead letters."""


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


class _DeadLetterFn(WorkerFn):
    """Make messages of dead letters. Large ones are buffered, so that their parts are stored together."""

    def __init__(self, stage: str, settings: WorkerSettings) -> None:
        super().__init__(settings)
        self._namespace = f"{NAMESPACE}_{stage}"
        self._buffered_bytes = 0

    def start_bundle(self) -> None:
        """Discard the letters of an earlier bundle that failed."""
        super().start_bundle()
        self._buffered_bytes = 0

    def process(
        self,
        letter: DeadLetter,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Make the message of a small letter; buffer a large one."""
        key, line = dead_letter_message(letter)
        bound = SMALL_LETTER if letter.shares_event else self.settings.max_message_bytes
        if len(key) + len(line) <= bound:
            yield key, line
            return
        self._buffered_bytes += len(line)
        buffered = self.buffer(letter, timestamp, window)
        if buffered >= self.settings.batch_size or self._buffered_bytes >= _MAX_BUFFERED_BYTES:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        """Make the messages of buffered letters. Each keeps its letter's timestamp and window."""
        yield from self._flush()

    def _flush(self) -> Iterator[WindowedValue]:
        letters, self._buffered_bytes = self.take_buffer(), 0
        if not letters:
            return
        messages = make_large_letters([windowed.value for windowed in letters], self.worker)
        for kind, amount in Counter(message.kind for message in messages).items():
            Metrics.counter(self._namespace, f"large-letter:{kind}").inc(amount)
        for windowed, message in zip(letters, messages, strict=True):
            yield windowed.with_value(message.message)
