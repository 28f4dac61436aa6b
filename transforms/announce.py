"""Announce: the audit event of each certificate issued."""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import orjson

from certbeam.io.ports import Message
from certbeam.issuing.audit_event import audit_event
from certbeam.issuing.claim import Outcome


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


def audit_messages(outcome: Outcome, *, again: bool) -> Iterator[Message]:
    """The audit event of an outcome that has one, under the certificate's id."""
    if outcome.issued_at is not None and (again or outcome.verdict != "already-issued"):
        yield (outcome.certificate_id or "").encode(), orjson.dumps(audit_event(outcome))
