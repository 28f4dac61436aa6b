"""Dead letters: what could not be processed, with everything that its replay needs."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.claim import Claim
from certbeam.issuing.outcome import Outcome

DEAD_LETTER_FIELDS = frozenset({"jobName", "failInfo"})


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
