"""Who has earned a certificate: the criteria of a batch's template against what is known of a learner."""

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
    # operator: (holds, how the contrary reads)
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
    """Why a learner has not earned a certificate.

    Attributes:
        code: kebab-case kind of reason, for counters.
        reason: one sentence for the support person.
    """

    code: ReasonCode
    reason: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a template asks of a learner (``criteria``, contracts §2.1). All of it must hold.

    Attributes:
        enrolment: enrolment column to the value it must have; empty where enrolment is not asked about.
        score: operators and thresholds in per cent, all of which the best score must meet.
        user: user attributes and the values they must have; one may be asked for twice.
    """

    enrolment: Mapping[str, Any]
    score: tuple[tuple[str, Decimal], ...]
    user: tuple[tuple[str, Any], ...]


def parse_criteria(criteria: JsonObject) -> Criteria:
    """Criteria as written in the template; ``users`` is read as ``user``.

    Raises:
        Rejected: ``criteria-invalid``: empty, or something that cannot be evaluated; guessing would give
            certificates to people who have not earned them.
    """
    unknown = sorted(set(criteria) - {"enrollment", "assessment", "user", "users"})
    if unknown:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID,
            f"criteria.{unknown[0]} is not understood; known: enrollment, assessment, user",
        )
    if not criteria:
        raise Rejected(
            ErrorCode.CRITERIA_INVALID,
            "the template has no criteria, so nobody can be found to have earned it",
        )
    enrolment: dict[str, Any] = {}
    if "enrollment" in criteria:
        asked = _object(criteria, "enrollment")
        enrolment = {"status": COMPLETED, **{name.lower(): value for name, value in asked.items()}}
    user = tuple(
        item for key in ("user", "users") if key in criteria for item in _object(criteria, key).items()
    )
    if ("user" in criteria or "users" in criteria) and not user:
        raise Rejected(ErrorCode.CRITERIA_INVALID, "criteria.user asks for nothing")
    score = _score_thresholds(_object(criteria, "assessment")) if "assessment" in criteria else ()
    return Criteria(enrolment, score, user)


def check_enrolment(criteria: Criteria, enrolment: Enrolment) -> NotEligible | None:
    """What of the enrolment does not meet the criteria.

    Raises:
        Rejected: ``criteria-invalid``, when the criteria name a column that enrolments do not have.
    """
    for column, wanted in criteria.enrolment.items():
        if column not in enrolment.columns:
            raise Rejected(
                ErrorCode.CRITERIA_INVALID, f"criteria.enrollment.{column} names no column of user_enrolments"
            )
        found = enrolment.columns[column]
        if not _same(found, wanted):
            if column == "status":
                return NotEligible(
                    ReasonCode.NOT_COMPLETED, f"enrolment status is {_shown(found)}, not {_shown(wanted)}"
                )
            return NotEligible(
                ReasonCode.ENROLMENT_DIFFERS, f"enrolment {column} is {_shown(found)}, not {_shown(wanted)}"
            )
    return None


def check_score(criteria: Criteria, percentages: Mapping[str, Decimal]) -> NotEligible | None:
    """What of the best score over the assessed contents does not meet the criteria."""
    if not criteria.score:
        return None
    if not percentages:
        return NotEligible(ReasonCode.NOT_ASSESSED, "no assessment of the learner counts in this batch")
    best = max(percentages, key=lambda content: percentages[content])
    for name, threshold in criteria.score:
        holds, contrary = _OPERATORS[name]
        if not holds(percentages[best], threshold):
            return NotEligible(
                ReasonCode.SCORE_UNMET,
                f"score {_shown(percentages[best])} on {best} is {contrary} {_shown(threshold)}",
            )
    return None


def check_user(criteria: Criteria, user: User) -> NotEligible | None:
    """Which attribute of the user does not meet the criteria; the value found is not told, for it is personal."""
    for name, wanted in criteria.user:
        if not _same(user.record.get(name), wanted):
            return NotEligible(ReasonCode.USER_DIFFERS, f"the user's {name} is not {_shown(wanted)}")
    return None


def _score_thresholds(assessment: JsonObject) -> tuple[tuple[str, Decimal], ...]:
    if set(assessment) != {"score"}:
        raise Rejected(ErrorCode.CRITERIA_INVALID, "criteria.assessment must hold 'score', and nothing else")
    score = assessment["score"]
    operators = score if isinstance(score, Mapping) else {">=": score}
    if not operators:
        raise Rejected(ErrorCode.CRITERIA_INVALID, "criteria.assessment.score asks for nothing")
    for name in operators:
        if name not in _OPERATORS:
            raise Rejected(
                ErrorCode.CRITERIA_INVALID,
                f"criteria.assessment.score: {name!r} is not one of {', '.join(_OPERATORS)}",
            )
    return tuple((name, _threshold(value)) for name, value in operators.items())


def _threshold(value: Any) -> Decimal:
    number = _number(value)
    if number is None:
        raise Rejected(ErrorCode.CRITERIA_INVALID, f"criteria.assessment.score: {value!r} is not a number")
    return number


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _same(found: Any, wanted: Any) -> bool:
    """Equality as people who write criteria mean it: 2, 2.0 and "2" are the same; a list names alternatives.

    Two texts are compared letter for letter: organisation ids consist of digits, and "0100" is not "100".
    """
    if isinstance(wanted, list):
        return any(_same(found, one) for one in wanted)
    if isinstance(found, list | tuple):
        return any(_same(one, wanted) for one in found)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return str(found).lower() == str(wanted).lower()
    if isinstance(found, str) and isinstance(wanted, str):
        return found == wanted
    numbers = _number(found), _number(wanted)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return found is not None and str(found) == str(wanted)


def _object(criteria: JsonObject, name: str) -> JsonObject:
    value = criteria[name]
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Rejected(ErrorCode.CRITERIA_INVALID, f"criteria.{name} is not an object")
    return value


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{float(value):.12g}"
    return "empty" if value is None else str(value)
