"""Messages for sinks: outcomes, dead letters, audit events and notices."""

from collections.abc import Iterator

import orjson

from certbeam.io.protocols import Message
from certbeam.issuing.audit_event import build_audit_event
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.outcome import Outcome


def audit_messages(outcome: Outcome, *, again: bool) -> Iterator[Message]:
    """Yield the audit event of an outcome that has one, with the certificate id as key."""
    if outcome.issued_at is not None and (again or outcome.verdict != "already-issued"):
        yield (outcome.certificate_id or "").encode(), orjson.dumps(build_audit_event(outcome))


def outcome_message(outcome: Outcome) -> Message:
    """Return an outcome line, with the batch id as key."""
    return outcome.claim.batch_id.encode(), outcome.serialise()


def dead_letter_message(letter: DeadLetter) -> Message:
    """Return a whole dead letter, with the batch id as key if it is known."""
    return letter.key.encode(), letter.serialise()
