"""The one way this package says that something cannot be done: a code for machines, a reason for people."""

MAX_REASON = 500
"""Characters of a reason: some quote a value, and values have no end."""


class Rejected(Exception):
    """An event, template or value that cannot become a certificate.

    Attributes:
        code: short kebab-case name of the kind of fault; it becomes ``failInfo.errorCode`` and a counter.
        reason: one sentence for the support person; it names ids and fields, never a person.
    """

    def __init__(self, code: str, reason: str) -> None:
        if len(reason) > MAX_REASON:
            reason = reason[: MAX_REASON - 1] + "…"
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Unavailable(Rejected):
    """A service that did not answer, or not in time, after every retry: the same request may succeed later."""
