"""Evaluate the criteria of a batch's template for a learner."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.learning_records import Enrolment, User
from certbeam.issuing.reason_codes import ReasonCode

COMPLETED = 2
"""``user_enrolments.status`` of a learner who has completed the course."""

_OPERATORS: Mapping[str, tuple[Callable[[Decimal, Decimal], bool], str]] = {
    # operator: (comparison, words for its opposite in a reason)
    ">=": (operator.ge, "below"),
    ">": (operator.gt, "not above"),
    "<=": (operator.le, "above"),
    "<": (operator.lt, "not below"),
    "=": (operator.eq, "not"),
    "eq": (operator.eq, "not"),
    "EQ": (operator.eq, "not"),
    "ne": (operator.ne, "exactly"),
    "!=": (operator.ne, "exactly"),
}


@dataclass(frozen=True, slots=True)
class NotEligible:
    """Reason why a learner has not earned a certificate.

    Attributes:
        code: the kind of reason, for counters.
        reason: one sentence for a support engineer.
    """

    code: ReasonCode
    reason: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """Criteria of a template (docs/contracts.md, "Criteria"). A learner must meet all of them.

    Attributes:
        enrolment: required values by column of the enrolment; empty if there are no criteria of the enrolment.
        score: operators and thresholds in per cent, all of which the best score must meet.
        user: members of the user record and their required values; a member may occur twice.
    """

    enrolment: Mapping[str, Any]
    score: tuple[tuple[str, Decimal], ...]
    user: tuple[tuple[str, Any], ...]


def parse_criteria(criteria: JsonObject) -> Criteria:
    """Parse the criteria of a template; ``users`` is another spelling of ``user``.

    Raises:
        Rejected: ``criteria-invalid`` if they are empty or cannot be evaluated: a guess would issue certificates to
            people who have not earned them.
    """
    unknown = sorted(set(criteria) - {"enrollment", "assessment", "user", "users"})
    if unknown:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID,
            f"criteria.{unknown[0]} is unknown: use enrollment, assessment or user",
        )
    if not criteria:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID,
            "the template has no criteria: add enrollment, assessment or user",
        )
    enrolment: dict[str, Any] = {}
    if "enrollment" in criteria:
        required = _read_group(criteria, "enrollment")
        enrolment = {"status": COMPLETED, **{name.lower(): value for name, value in required.items()}}
    user = tuple(
        item for key in ("user", "users") if key in criteria for item in _read_group(criteria, key).items()
    )
    if ("user" in criteria or "users" in criteria) and not user:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID,
            "criteria.user is empty: add a member of the user record, or remove criteria.user",
        )
    score = _parse_thresholds(_read_group(criteria, "assessment")) if "assessment" in criteria else ()
    return Criteria(enrolment, score, user)


def check_enrolment(criteria: Criteria, enrolment: Enrolment) -> NotEligible | None:
    """Return the first criterion that the enrolment does not meet; None if it meets all.

    Raises:
        Rejected: ``criteria-invalid`` if the criteria name a column that enrolments do not have.
    """
    for column, required in criteria.enrolment.items():
        if column not in enrolment.columns:
            raise Rejected(
                ErrorCode.CRITERIA_INVALID, f"criteria.enrollment.{column} names no column of user_enrolments"
            )
        value = enrolment.columns[column]
        if not _matches(value, required):
            if column == "status":
                return NotEligible(
                    ReasonCode.NOT_COMPLETED, f"enrolment status is {_format(value)}, not {_format(required)}"
                )
            return NotEligible(
                ReasonCode.ENROLMENT_DIFFERS,
                f"enrolment {column} is {_format(value)}, not {_format(required)}",
            )
    return None


def check_score(criteria: Criteria, percentages: Mapping[str, Decimal]) -> NotEligible | None:
    """Return the first criterion that the best score does not meet; None if it meets all.

    Args:
        criteria: the template's criteria.
        percentages: the score of each assessed content in per cent.
    """
    if not criteria.score:
        return None
    if not percentages:
        return NotEligible(
            ReasonCode.NOT_ASSESSED, "no score of the learner counts as an assessment in the batch"
        )
    best = max(percentages, key=lambda content: percentages[content])
    for name, threshold in criteria.score:
        compare, opposite = _OPERATORS[name]
        if not compare(percentages[best], threshold):
            return NotEligible(
                ReasonCode.SCORE_UNMET,
                f"score {_format(percentages[best])} on {best} is {opposite} {_format(threshold)}",
            )
    return None


def check_user(criteria: Criteria, user: User) -> NotEligible | None:
    """Return the first criterion that the user does not meet; None if the user meets all.

    The reason does not quote the user's value, which is personal data.
    """
    for name, required in criteria.user:
        if not _matches(user.record.get(name), required):
            return NotEligible(ReasonCode.USER_DIFFERS, f"the user's {name} is not {_format(required)}")
    return None


def _parse_thresholds(assessment: JsonObject) -> tuple[tuple[str, Decimal], ...]:
    if set(assessment) != {"score"}:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID, "criteria.assessment must have the member score and no other"
        )
    score = assessment["score"]
    operators = score if isinstance(score, Mapping) else {">=": score}
    if not operators:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID, "criteria.assessment.score is empty: add an operator with a threshold"
        )
    for name in operators:
        if name not in _OPERATORS:
            raise Rejected(
                ErrorCode.CRITERIA_INVALID,
                f"criteria.assessment.score has the unknown operator {name!r}: use one of {', '.join(_OPERATORS)}",
            )
    return tuple((name, _parse_threshold(value)) for name, value in operators.items())


def _parse_threshold(value: Any) -> Decimal:
    number = _parse_number(value)
    if number is None:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID,
            f"criteria.assessment.score has the threshold {value!r}, which is not a number",
        )
    return number


def _parse_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _matches(value: Any, required: Any) -> bool:
    """Compare as authors of criteria expect: 2, 2.0 and "2" are equal, and a list has alternatives.

    Two texts are compared by characters: ids of organisations consist of digits, and "0100" is not "100".
    """
    if isinstance(required, list):
        return any(_matches(value, alternative) for alternative in required)
    if isinstance(value, list | tuple):
        return any(_matches(entry, required) for entry in value)
    if isinstance(value, bool) or isinstance(required, bool):
        return str(value).lower() == str(required).lower()
    if isinstance(value, str) and isinstance(required, str):
        return value == required
    numbers = _parse_number(value), _parse_number(required)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return value is not None and str(value) == str(required)


def _read_group(criteria: JsonObject, name: str) -> JsonObject:
    value = criteria[name]
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Rejected(ErrorCode.CRITERIA_INVALID, f"criteria.{name} is not an object")
    return value


def _format(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{float(value):.12g}"
    return "empty" if value is None else str(value)
