"""Report: what every stage says of the claims that end there, as outcome lines and dead letters."""

from typing import Any

import apache_beam as beam

from certbeam.stages.messages import dead_letter_message, outcome_message


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
