"""Parse messages to claims."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, check_id_length, parse_object
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.claim import Claim, Job
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.issuing.record import Record
from certbeam.stages.elements import Requested
from certbeam.stages.failure import Failure, to_rejection

STAGE = "ParseEvents"

Parsed = TypeVar("Parsed", Claim, Requested)


def issue_claims(record: Record) -> list[Claim | Failure]:
    """Return the claims of an issue event, one for each user. A user whose id is too long fails alone.

    Raises:
        Rejected: if the message is not an issue event.
    """
    return [_checked(claim, at="an id in edata.userIds") for claim in parse_issue_event(record)]


def generate_claims(record: Record) -> list[Requested | Failure]:
    """Return the recipients of a generate event. A recipient whose id is too long fails alone.

    Raises:
        Rejected: if the message is not a generate event.
    """
    claims = parse_generate_event(record)
    return [_checked(Requested(claim, claim.event), at="edata.data.recipientId") for claim in claims]


def read_requests(
    elements: Sequence[Requested], stage: str
) -> tuple[dict[int, CertificateRequest], list[tuple[int, Failure]]]:
    """Return the requests of elements by position, and the failures of those that cannot be parsed."""
    requests: dict[int, CertificateRequest] = {}
    failures = []
    for position, one in enumerate(elements):
        try:
            requests[position] = one.request
        except Exception as error:
            failures.append((position, Failure(one.claim, to_rejection(stage, error))))
    return requests, failures


def unreadable(record: Record, *, job: Job, error: Rejected) -> DeadLetter:
    """Return the dead letter of a message that is not an event: its JSON object, or its bytes."""
    event: JsonObject | bytes
    try:
        event = parse_object(record.value)
    except Rejected:
        event = record.value
    return DeadLetter(event, f"certbeam-{job}", STAGE, error.code, error.reason, record.source)


def _checked(one: Parsed, *, at: str) -> Parsed | Failure:
    try:
        check_id_length(one.claim.user_id, at=at)
    except Rejected as error:
        return Failure(one.claim, error)
    return one


PARSERS: dict[Job, Callable[[Record], Sequence[Any]]] = {"issue": issue_claims, "generate": generate_claims}
