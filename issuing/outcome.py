"""Outcomes: the result of a claim, one line for each."""

from dataclasses import dataclass
from typing import Literal

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.issuing.claim import (
    _LONG_LINE,
    Claim,
    _truncated,
)
from certbeam.issuing.reason_codes import ReasonCode

Verdict = Literal["issued", "reissued", "already-issued", "not-eligible", "failed", "requested"]


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
    code: ErrorCode | ReasonCode
    reason: str
    certificate_id: str | None = None
    issued_at: int | None = None

    def line(self) -> bytes:
        """The outcome line, as JSON.

        In a very long one, each text has at most :data:`MAX_TEXT` characters; ``truncated`` names those that were cut.
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
        return line if len(line) <= _LONG_LINE else orjson.dumps(_truncated(fields))
