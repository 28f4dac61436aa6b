"""Parse messages to claims."""

from collections.abc import Callable, Sequence
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, parse_object
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.claim import Job
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.issuing.record import Record
from certbeam.stages.elements import Asked, Requested
from certbeam.stages.failure import Failure, rejection

STAGE = "ParseEvents"


def issue_claims(record: Record) -> list[Asked]:
    """The users of an issue event, each once.

    Raises:
        Rejected: when the message is no issue event.
    """
    event = parse_issue_event(record)
    named = [event.for_user(user_id) for user_id in event.user_ids]
    return [Asked(one.claim(), one) for one in named]


def generate_claims(record: Record) -> list[Requested]:
    """The recipients of a generate event.

    Raises:
        Rejected: when the message is no generate event.
    """
    return [Requested(claim, claim.event) for claim in parse_generate_event(record)]


def read_requests(
    elements: Sequence[Requested], stage: str
) -> tuple[dict[int, CertificateRequest], list[tuple[int, Failure]]]:
    """The requests of some elements by their positions, and the failures of those that are none."""
    requests: dict[int, CertificateRequest] = {}
    failures = []
    for position, one in enumerate(elements):
        try:
            requests[position] = one.request
        except Exception as error:
            failures.append((position, Failure(one.claim, rejection(stage, error))))
    return requests, failures


def unreadable(record: Record, *, job: Job, error: Rejected) -> DeadLetter:
    """The dead letter of a message that cannot be read as an event: the object as read, or its bytes."""
    event: JsonObject | bytes
    try:
        event = parse_object(record.value)
    except Rejected:
        event = record.value
    return DeadLetter(event, f"certbeam-{job}", STAGE, error.code, error.reason, record.source)


PARSERS: dict[Job, Callable[[Record], Sequence[Any]]] = {"issue": issue_claims, "generate": generate_claims}
