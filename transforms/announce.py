"""Announce: the audit event of each issued certificate."""

from typing import Any

import apache_beam as beam

from certbeam.stages.messages import audit_messages


class Announce(beam.PTransform):
    """Make messages with the audit events of outcomes.

    Args:
        again: True to include certificates that the same event issued when it was read before. A runner that reads
            events again after a failure may have lost their audit events. An audit event is the same both times, so
            that its readers can recognise a repetition.
    """

    def __init__(self, *, again: bool) -> None:
        super().__init__()
        self._again = again

    def expand(self, outcomes: Any) -> Any:
        """Return the messages of outcomes."""
        return outcomes | "Make audit events" >> beam.FlatMap(
            audit_messages, again=self._again
        ).with_output_types(tuple[bytes, bytes])
