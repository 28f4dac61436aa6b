"""Report: what every stage says of the claims that end there, written as outcome lines and dead letters."""

from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from certbeam.credentials.claims import DeadLetter, Outcome
from certbeam.io.ports import Message


@dataclass
class Report(beam.PTransform):
    """Write a stage's outcomes and dead letters.

    One sink for each stage, and no Flatten of them all: that would hold every line in memory until the
    stages are done on runners that do not fuse it.
    """

    outcomes_sink: Any
    dead_letters_sink: Any

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, outputs: Any) -> Any:
        """From a stage's side outputs to nothing: a sink."""
        (
            outputs.outcomes
            | "Make outcome lines" >> beam.Map(outcome_message).with_output_types(tuple[bytes, bytes])
            | "Write outcomes" >> self.outcomes_sink
        )
        return (
            outputs.dead_letters
            | "Make dead letters" >> beam.Map(dead_letter_message).with_output_types(tuple[bytes, bytes])
            | "Write dead letters" >> self.dead_letters_sink
        )


def outcome_message(outcome: Outcome) -> Message:
    """The outcome line, under the batch's id."""
    return outcome.claim.batch_id.encode(), outcome.line()


def dead_letter_message(letter: DeadLetter) -> Message:
    """The dead letter, under the batch's id where that is known."""
    return letter.key.encode(), letter.line()
