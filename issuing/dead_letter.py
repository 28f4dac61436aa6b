"""Dead letters: what could not be processed, with everything that its replay needs."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.claim import (
    _OWN,
    Claim,
    nothing_stored,
)
from certbeam.issuing.large_messages import CutMessage, Fetch, cut_bytes, cut_event, restore
from certbeam.issuing.outcome import Outcome

DEAD_LETTER_FIELDS = frozenset({"jobName", "failInfo"})


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What cannot be processed, whole enough to be put back once the cause is mended.

    Attributes:
        event: the event as read, narrowed; or the bytes as read where they are no JSON object.
        own: the members of ``edata`` that other letters of the same event do not share.
        one_of_many: whether there may be other letters of the same event.
    """

    event: JsonObject | bytes
    job_name: str
    stage: str
    code: ErrorCode
    error: str
    source: Mapping[str, Any]
    key: str = ""
    own: tuple[str, ...] = ()
    one_of_many: bool = False

    def line(self) -> bytes:
        """The dead letter as JSON: the event, ``jobName`` and ``failInfo``; bytes go under ``raw``, base64."""
        return orjson.dumps({**self._body(), "jobName": self.job_name, "failInfo": self._info()})

    def cut(self) -> CutMessage:
        """The event, cut into what the letter keeps and what is stored."""
        if isinstance(self.event, bytes):
            return cut_bytes(self.event)
        return cut_event(self.event, self.own)

    def cut_line(self, cut: CutMessage, not_stored: Mapping[str, str]) -> bytes:
        """The dead letter of a cut event as JSON; ``failInfo.large`` refers to what is stored.

        Args:
            cut: what :meth:`cut` returned.
            not_stored: reasons why parts could not be stored, by name.
        """
        references = [part.reference(not_stored.get(part.name, "")) for part in cut.parts]
        info = {**self._info(), "large": references}
        return orjson.dumps({**cut.kept, "jobName": self.job_name, "failInfo": info})

    def _info(self) -> JsonObject:
        return {"stage": self.stage, "errorCode": self.code, "error": self.error, "source": self.source}

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
        own=_OWN[claim.job],
        one_of_many=claim.one_of_many,
    )
    return outcome, letter


def original_message(letter: bytes, fetch: Fetch = nothing_stored) -> bytes:
    """The message that a dead letter was made from.

    Args:
        letter: a line of a dead-letter sink.
        fetch: reads what the letter refers to.

    Raises:
        Rejected: ``not-a-dead-letter``; or because something that the letter refers to cannot be had.
    """
    try:
        body = orjson.loads(letter)
        info = body.pop("failInfo")
        body.pop("jobName")
        large = info.get("large") if isinstance(info, dict) else None
        if large is None and set(body) == {"raw"}:
            return base64.b64decode(body["raw"], validate=True)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Rejected(ErrorCode.NOT_A_DEAD_LETTER, f"this line is not a dead letter: {error}") from error
    if not isinstance(info, dict):
        raise Rejected(
            ErrorCode.NOT_A_DEAD_LETTER, "this line is not a dead letter: failInfo is not an object"
        )
    if large is None:
        return orjson.dumps(body)
    try:
        return restore(body, large, fetch)
    except Rejected as error:
        raise Rejected(
            error.code, f"{error.reason}; the message was read from {info.get('source')}"
        ) from error


def _wrapped(value: bytes) -> dict[str, Any]:
    return {"raw": base64.b64encode(value).decode("ascii")}
