"""The exceptions of work that cannot be done, with a code for programs and a reason for people."""

from certbeam.foundation.error_codes import ErrorCode

MAX_REASON = 500
"""Maximum length of a reason in characters: some reasons quote a value of any length."""


class Rejected(Exception):
    """Error for an event, a template or a value that no certificate can be made from.

    Attributes:
        code: the kind of error, which becomes ``failInfo.errorCode`` and part of a counter.
        reason: one sentence for a support engineer. It names ids and members, and never a person.
    """

    def __init__(self, code: ErrorCode, reason: str) -> None:
        if len(reason) > MAX_REASON:
            reason = reason[: MAX_REASON - 1] + "…"
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Unavailable(Rejected):
    """Error for a service that has not answered in time after all retries: the same request may succeed later."""
