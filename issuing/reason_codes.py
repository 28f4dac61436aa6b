"""The codes of reasons of claims that have not failed."""

from certbeam.foundation.string_enum import StringEnum


class ReasonCode(StringEnum):
    """Kind of reason of an outcome; the value is part of the counters ``not-eligible:CODE``.

    Failed claims have an :class:`~certbeam.foundation.error_codes.ErrorCode` instead.
    """

    ISSUED = "issued"
    REISSUED = "reissued"
    REQUESTED = "requested"
    ALREADY_ISSUED = "already-issued"
    REVOKED_SINCE = "revoked-since"
    NO_TEMPLATE = "no-template"
    NOT_SVG = "not-svg"
    NOT_ENROLLED = "not-enrolled"
    INACTIVE = "inactive"
    NOT_COMPLETED = "not-completed"
    ENROLMENT_DIFFERS = "enrolment-differs"
    NOT_ASSESSED = "not-assessed"
    SCORE_UNMET = "score-unmet"
    USER_BLOCKED = "user-blocked"
    USER_DIFFERS = "user-differs"
