"""Parse messages to claims."""

from collections.abc import Iterator, Sequence

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, check_id_length, parse_object
from certbeam.issuing.claim import Claim, Job
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.issuing.record import Record
from certbeam.stages.failure import Failure, to_rejection

STAGE = "ParseEvents"


def parse_records(records: Sequence[Record], job: Job) -> Iterator[tuple[int, Claim | Failure | DeadLetter]]:
    """Parse messages to claims.

    Args:
        records: the messages.
        job: the job that reads them.

    Yields:
        Positions with claims, with failures of claims, or with the dead letter of a message that is not an event.
    """
    parse = parse_issue_claims if job == "issue" else parse_generate_claims
    for position, record in enumerate(records):
        try:
            claims = parse(record)
        except Exception as error:
            yield position, make_dead_letter(record, job=job, error=to_rejection(STAGE, error))
        else:
            yield from ((position, claim) for claim in claims)


def parse_issue_claims(record: Record) -> list[Claim | Failure]:
    """Return the claims of an issue event, one for each user. A user whose id is too long fails alone.

    Raises:
        Rejected: if the message is not an issue event.
    """
    return [_check_user_id(claim, at="an id in edata.userIds") for claim in parse_issue_event(record)]


def parse_generate_claims(record: Record) -> list[Claim | Failure]:
    """Return the claims of a generate event, one for each recipient. A recipient whose id is too long fails alone.

    Raises:
        Rejected: if the message is not a generate event.
    """
    return [_check_user_id(claim, at="edata.data.recipientId") for claim in parse_generate_event(record)]


def make_dead_letter(record: Record, *, job: Job, error: Rejected) -> DeadLetter:
    """Return the dead letter of a message that is not an event: its JSON object, or its bytes."""
    event: JsonObject | bytes
    try:
        event = parse_object(record.value)
    except Rejected:
        event = record.value
    return DeadLetter(event, f"certbeam-{job}", STAGE, error.code, error.reason, record.source)


def _check_user_id(claim: Claim, *, at: str) -> Claim | Failure:
    try:
        check_id_length(claim.user_id, at=at)
    except Rejected as error:
        return Failure(claim, error)
    return claim
