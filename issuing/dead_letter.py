"""Dead letters: messages that could not be processed, with all that is needed to replay them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.claim import Claim, Job
from certbeam.issuing.large_messages import (
    CutMessage,
    FetchPart,
    cut_bytes,
    cut_event,
    refuse_fetch,
    restore_message,
)
from certbeam.issuing.outcome import Outcome

DEAD_LETTER_FIELDS = frozenset({"jobName", "failInfo"})
"""Members that a dead letter has besides those of its event."""

SMALL_LETTER = 4096
"""Length in bytes. A larger letter is cut if its event has others, or all of them would repeat a large event."""

_OWN_MEMBERS: Mapping[Job, tuple[str, ...]] = {"issue": ("userIds", "templateId"), "generate": ("data",)}
"""Members of ``edata`` in which the narrowed events of one event differ."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Message that cannot be processed, with everything needed to replay it.

    Attributes:
        event: the event as read, narrowed; or the bytes as read if they are not a JSON object.
        job_name: name of the job that read the message.
        stage: name of the stage that failed.
        error: one sentence for a support engineer.
        source: as in :class:`~certbeam.issuing.record.Record`.
        key: the batch's id, for Kafka; ``""`` if not known.
        own: members of ``edata`` that differ between the letters of one event.
        shares_event: True if there may be other letters of the same event.
    """

    event: JsonObject | bytes
    job_name: str
    stage: str
    code: ErrorCode
    error: str
    source: Mapping[str, Any]
    key: str = ""
    own: tuple[str, ...] = ()
    shares_event: bool = False

    def serialise(self) -> bytes:
        """Serialise the letter as a line of JSON: the event's members, ``jobName`` and ``failInfo``.

        The member ``raw`` has a message that is not an event, in base64.
        """
        return orjson.dumps({**self._make_body(), "jobName": self.job_name, "failInfo": self._make_info()})

    def cut(self) -> CutMessage:
        """Split the event into the members that the letter keeps and the parts to store."""
        if isinstance(self.event, bytes):
            return cut_bytes(self.event)
        return cut_event(self.event, self.own)

    def serialise_cut(self, cut: CutMessage, not_stored: Mapping[str, str]) -> bytes:
        """Serialise the letter of a cut event as a line of JSON; ``failInfo.large`` refers to the stored parts.

        Args:
            cut: the result of :meth:`cut`.
            not_stored: by the name of each part that could not be stored, the reason.
        """
        references = [part.make_reference(not_stored.get(part.name, "")) for part in cut.parts]
        info = {**self._make_info(), "large": references}
        return orjson.dumps({**cut.kept, "jobName": self.job_name, "failInfo": info})

    def _make_info(self) -> JsonObject:
        return {"stage": self.stage, "errorCode": self.code, "error": self.error, "source": self.source}

    def _make_body(self) -> JsonObject:
        if isinstance(self.event, bytes):
            return _wrap(self.event)
        if set(self.event) == {"raw"} or not DEAD_LETTER_FIELDS.isdisjoint(self.event):
            # Otherwise the replay would mistake the event for a wrapped message, or lose these members.
            return _wrap(orjson.dumps(self.event))
        return self.event


def fail_claim(claim: Claim, *, stage: str, error: Rejected) -> tuple[Outcome, DeadLetter]:
    """Build the outcome and the dead letter of a claim that failed in a stage."""
    outcome = Outcome(claim, "failed", error.code, error.reason)
    letter = DeadLetter(
        event=claim.narrow_event(),
        job_name=f"certbeam-{claim.job}",
        stage=stage,
        code=error.code,
        error=error.reason,
        source=claim.source,
        key=claim.batch_id,
        own=_OWN_MEMBERS[claim.job],
        shares_event=claim.shares_event,
    )
    return outcome, letter


def restore_original_message(letter: bytes, fetch: FetchPart = refuse_fetch) -> bytes:
    """Restore the message that a dead letter was made from.

    Args:
        letter: a line of a dead-letter sink.
        fetch: reads the stored parts that the letter refers to.

    Raises:
        Rejected: ``not-a-dead-letter``; or a stored part is missing or damaged.
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
        return restore_message(body, large, fetch)
    except Rejected as error:
        raise Rejected(
            error.code, f"{error.reason}; the message was read from {info.get('source')}"
        ) from error


def _wrap(value: bytes) -> dict[str, Any]:
    return {"raw": base64.b64encode(value).decode("ascii")}
