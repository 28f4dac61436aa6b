"""Messages for sinks: outcomes, dead letters, audit events and notices."""

from collections.abc import Iterator

import orjson

from certbeam.io.protocols import Message
from certbeam.issuing.audit_event import build_audit_event
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.outcome import Outcome


def audit_messages(outcome: Outcome, *, again: bool) -> Iterator[Message]:
    """The audit event of an outcome that has one, under the certificate's id."""
    if outcome.issued_at is not None and (again or outcome.verdict != "already-issued"):
        yield (outcome.certificate_id or "").encode(), orjson.dumps(build_audit_event(outcome))


def outcome_message(outcome: Outcome) -> Message:
    """The outcome line, under the batch's id."""
    return outcome.claim.batch_id.encode(), outcome.serialise()


def dead_letter_message(letter: DeadLetter) -> Message:
    """The whole dead letter, under the batch's id where that is known."""
    return letter.key.encode(), letter.serialise()
