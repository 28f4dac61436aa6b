"""Report: what every stage says of the claims that end there, as outcome lines and dead letters."""

from typing import Any

import apache_beam as beam

from certbeam.io.ports import Message
from certbeam.issuing.claim import DeadLetter, Outcome


class Report(beam.PTransform):
    """A stage's outcomes and dead letters as messages, by the flag of the sink that they go to."""

    def expand(self, outputs: Any) -> Any:
        """From a stage's side outputs to messages by flag."""
        return {
            "outcomes": outputs.outcomes
            | "Make outcome lines" >> beam.Map(outcome_message).with_output_types(tuple[bytes, bytes]),
            "dead_letters": outputs.dead_letters
            | "Make dead letters" >> beam.Map(dead_letter_message).with_output_types(tuple[bytes, bytes]),
        }


def outcome_message(outcome: Outcome) -> Message:
    """The outcome line, under the batch's id."""
    return outcome.claim.batch_id.encode(), outcome.line()


def dead_letter_message(letter: DeadLetter) -> Message:
    """The dead letter, under the batch's id where that is known."""
    return letter.key.encode(), letter.line()
