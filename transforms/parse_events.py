"""ParseEvents: messages in; claims out, one for each user or recipient; dead letters for what is no event."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from certbeam.badges.enc_service import ServiceSignature
from certbeam.badges.status_list import StatusSlot
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, parse_object
from certbeam.issuing.certificate_request import CertificateRequest, certificate_request, parse_generate_event
from certbeam.issuing.claim import Claim, DeadLetter, Job, Record
from certbeam.issuing.issue_event import IssueEvent, parse_issue_event
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.stage import Failure, Stage, StageFn, rejection


@dataclass(frozen=True, slots=True)
class Asked:
    """One user of an issue event, whose claims to the batch's templates are to be looked into.

    Attributes:
        event: the event, as if it had named this user only.
    """

    claim: Claim
    event: IssueEvent


@dataclass(frozen=True, slots=True)
class Requested:
    """A claim that is earned, and the generate event that asks for its certificate.

    Attributes:
        payload: the generate event that names this recipient only.
        slot: the certificate's place on a status list, once it has one.
        signature: of its assertion, where a service has signed it.
        read: the request, once a stage has read it from the payload.
    """

    claim: Claim
    payload: JsonObject
    slot: StatusSlot | None = None
    signature: ServiceSignature | None = None
    read: CertificateRequest | None = None

    @property
    def request(self) -> CertificateRequest:
        """The certificate's request.

        Raises:
            Rejected: naming the field that is missing or wrong.
        """
        return self.read or certificate_request(self.claim, self.payload)


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
    return DeadLetter(event, f"certbeam-{job}", _ParseFn.stage, error.code, error.reason, record.source)


_PARSERS: dict[Job, Callable[[Record], Sequence[Any]]] = {"issue": issue_claims, "generate": generate_claims}


class _ParseFn(StageFn[Record]):
    stage = "ParseEvents"

    def __init__(self, job: Job, settings: WorkerSettings) -> None:
        super().__init__(settings)
        self._job = job

    def work(self, elements: Sequence[Record]) -> Iterator[tuple[int, Any]]:
        self.count("events:read", len(elements))
        for position, record in enumerate(elements):
            try:
                claims = _PARSERS[self._job](record)
            except Exception as error:
                yield position, self.failed(record, rejection(self.stage, error))
            else:
                yield from ((position, claim) for claim in claims)

    def failed(self, element: Record, error: Rejected) -> DeadLetter:
        """A message that is no event has no claim: it is a dead letter alone."""
        return unreadable(element, job=self._job, error=error)


class ParseEvents(Stage):
    """From messages to claims: :class:`Asked` of ``issue`` events, :class:`Requested` of ``generate`` events."""

    step = "Read claims"
    stage_fn = _ParseFn

    def __init__(self, job: Job, settings: WorkerSettings) -> None:
        super().__init__(settings)
        self._job = job

    def make_fn(self) -> _ParseFn:
        """The DoFn that reads this job's events."""
        return _ParseFn(self._job, self._settings)
