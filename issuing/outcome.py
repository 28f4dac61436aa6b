"""The outcome of a claim, which is written as one line of JSON."""

from dataclasses import dataclass
from typing import Literal

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.json_values import MAX_TEXT, JsonObject
from certbeam.issuing.claim import Claim
from certbeam.issuing.reason_codes import ReasonCode

_MAX_LINE = 4096
"""Length in bytes above which the texts of a line are cut; lines in production have about 300 bytes."""

Verdict = Literal["issued", "reissued", "already-issued", "not-eligible", "failed", "requested"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a claim.

    Attributes:
        verdict: the kind of outcome.
        code: the kind of reason, for counters; not part of the line.
        reason: one sentence for a support engineer.
        certificate_id: id of the certificate that the learner has now; None without a certificate or an id.
        issued_at: time of the event in milliseconds since 1970, if this event has issued the certificate, now or
            when it was read before; else None. Not part of the line.
    """

    claim: Claim
    verdict: Verdict
    code: ErrorCode | ReasonCode
    reason: str
    certificate_id: str | None = None
    issued_at: int | None = None

    def serialise(self) -> bytes:
        """Serialise the outcome as a line of JSON.

        If the line is longer than 4 KiB, each text is cut to :data:`MAX_TEXT` characters, and ``truncated`` lists the
        names of the cut members.
        """
        claim = self.claim
        fields = {
            "outcome": self.verdict,
            "reason": self.reason,
            "mid": claim.mid,
            "batchId": claim.batch_id or None,
            "courseId": claim.course_id or None,
            "userId": claim.user_id,
            "templateId": claim.template_id,
            "certificateId": self.certificate_id,
        }
        line = orjson.dumps(fields)
        return line if len(line) <= _MAX_LINE else orjson.dumps(_truncate(fields))


def _truncate(fields: JsonObject) -> JsonObject:
    """Return the members with long texts cut, and with the names of those as ``truncated``."""
    long = [name for name, value in fields.items() if isinstance(value, str) and len(value) > MAX_TEXT]
    cut = {name: fields[name][: MAX_TEXT - 1] + "…" for name in long}
    return {**fields, **cut, "truncated": long} if long else fields
