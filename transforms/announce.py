"""Announce: the audit event of each certificate issued."""

from typing import Any

import apache_beam as beam

from certbeam.stages.messages import audit_messages


class Announce(beam.PTransform):
    """The audit events of outcomes, as messages.

    Args:
        again: whether certificates are announced that were issued when their event was read before. A runner that
            reads events again after a failure may have lost what was to be said of them the first time; the event is
            the same both times, so that its readers can tell.
    """

    def __init__(self, *, again: bool) -> None:
        super().__init__()
        self._again = again

    def expand(self, outcomes: Any) -> Any:
        """From outcomes to messages."""
        return outcomes | "Make audit events" >> beam.FlatMap(
            audit_messages, again=self._again
        ).with_output_types(tuple[bytes, bytes])
