"""The unit of account: one (event, user, template), what became of it, and its way back when it failed."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject

Verdict = Literal["issued", "reissued", "already-issued", "not-eligible", "failed", "requested"]
Job = Literal["issue", "generate"]

DEAD_LETTER_FIELDS = frozenset({"jobName", "failInfo"})


@dataclass(frozen=True, slots=True)
class Record:
    """One message as read.

    Attributes:
        value: the bytes of the message.
        source: where it stood: ``{"file", "line"}`` or ``{"topic", "partition", "offset"}``.
    """

    value: bytes
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """One user's claim to one template's certificate, made by one event.

    Attributes:
        job: which topic the event belongs on.
        event: the event as if it had named this user only: claims travel between machines, and one that carried
            all its event's users along would cost as much as all of them.
        source: as in :class:`Record`.
        mid: the id of the issue event.
        template_id: None as long as the batch's templates are not known.
    """

    job: Job
    event: JsonObject
    source: Mapping[str, Any]
    mid: str | None
    batch_id: str
    course_id: str
    user_id: str | None
    template_id: str | None = None

    def for_template(self, template_id: str) -> "Claim":
        """The same claim, to the certificate of one template."""
        return replace(self, template_id=template_id)

    def narrowed_event(self) -> JsonObject:
        """The event as if it had named this template only, too, so that its replay touches no other."""
        if self.job == "generate" or self.template_id is None:
            return self.event
        return with_edata(self.event, templateId=self.template_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claim.

    Attributes:
        verdict: the word of the outcome line.
        code: kebab-case kind of reason, for counters; not part of the line.
        reason: one sentence a support person can read.
        issued_at: the moment of this event, milliseconds since 1970, where it is this event that has issued the
            certificate, now or before it was read again; not part of the line.
    """

    claim: Claim
    verdict: Verdict
    code: str
    reason: str
    certificate_id: str | None = None
    issued_at: int | None = None

    def line(self) -> bytes:
        """The outcome line, as JSON."""
        claim = self.claim
        return orjson.dumps(
            {
                "outcome": self.verdict,
                "reason": self.reason,
                "mid": claim.mid,
                "batchId": claim.batch_id or None,
                "courseId": claim.course_id or None,
                "userId": claim.user_id,
                "templateId": claim.template_id,
                "certificateId": self.certificate_id,
            }
        )


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What cannot be processed, whole enough to be put back once the cause is mended.

    Attributes:
        event: the event as read, narrowed; or the bytes as read where they are no JSON object.
    """

    event: JsonObject | bytes
    job_name: str
    stage: str
    code: str
    error: str
    source: Mapping[str, Any]
    key: str = ""

    def line(self) -> bytes:
        """The dead letter as JSON: the event, ``jobName`` and ``failInfo``; bytes go under ``raw``, base64."""
        info = {"stage": self.stage, "errorCode": self.code, "error": self.error, "source": self.source}
        return orjson.dumps({**self._body(), "jobName": self.job_name, "failInfo": info})

    def _body(self) -> JsonObject:
        if isinstance(self.event, bytes):
            return _wrapped(self.event)
        if set(self.event) == {"raw"} or not DEAD_LETTER_FIELDS.isdisjoint(self.event):
            # An event that looks like our own wrapping, or has fields of our names, would come back as something else.
            return _wrapped(orjson.dumps(self.event))
        return self.event


def with_edata(event: JsonObject, **changed: Any) -> JsonObject:
    """An event with some fields of its ``edata`` set."""
    return {**event, "edata": {**event["edata"], **changed}}


def failed(claim: Claim, *, stage: str, error: Rejected) -> tuple[Outcome, DeadLetter]:
    """The outcome line and the dead letter of a claim that failed at ``stage``."""
    outcome = Outcome(claim, "failed", error.code, error.reason)
    letter = DeadLetter(
        event=claim.narrowed_event(),
        job_name=f"certbeam-{claim.job}",
        stage=stage,
        code=error.code,
        error=error.reason,
        source=claim.source,
        key=claim.batch_id,
    )
    return outcome, letter


def original_message(letter: bytes) -> bytes:
    """The message that a dead letter was made from.

    Raises:
        Rejected: ``not-a-dead-letter``.
    """
    try:
        body = orjson.loads(letter)
        info = body.pop("failInfo")
        body.pop("jobName")
        if set(body) == {"raw"}:
            return base64.b64decode(body["raw"], validate=True)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Rejected("not-a-dead-letter", f"this line is not a dead letter: {error}") from error
    if not isinstance(info, dict):
        raise Rejected("not-a-dead-letter", "this line is not a dead letter: failInfo is not an object")
    return orjson.dumps(body)


def _wrapped(value: bytes) -> dict[str, Any]:
    return {"raw": base64.b64encode(value).decode("ascii")}
