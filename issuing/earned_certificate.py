"""Earned certificates: the values that one certificate takes from its issue event and the learner's records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.claim import Claim
from certbeam.issuing.learning_records import BatchTemplate, Enrolment, User

CLOUD_PLACEHOLDER = "CLOUD_BASE_PATH"
"""Placeholder for the address of the cloud storage in URLs of templates."""


@dataclass(frozen=True, slots=True)
class EarnedCertificate:
    """Certificate that a learner has earned, with the values that it states.

    Its certificate request is built from it directly, or via a generate event.

    Attributes:
        claim: the claim of the learner to the certificate of the template.
        template: the template in the batch.
        template_url: URL of the template, without the cloud placeholder.
        issue_date: the day that the certificate states, in the time zone of the installation.
        recipient_name: first and last name of the learner.
        organisation_id: ``rootOrgId`` of the user record; ``""`` if it has none.
        course_name: the name of the course without control characters.
        language: BCP 47 tag of the course's language; ``""`` if it is not known.
        related: the claim's ids and the additional properties that the template lists.
        replaces: id of the certificate that a re-issue replaces; ``""`` for a first issue.
    """

    claim: Claim
    template: BatchTemplate
    template_url: str
    issue_date: date
    recipient_name: str
    organisation_id: Any
    course_name: str
    language: str
    related: JsonObject
    replaces: str


def derive_issue_date(
    enrolment: Enrolment, assessed_on: datetime | None, ets: int | None, zone: tzinfo
) -> date:
    """Return the issue date: the day of completion, or else of the newest assessment, or else of the event.

    Args:
        enrolment: the learner's enrolment.
        assessed_on: time of the newest change of the assessed scores, with its time zone; None without scores.
        ets: time of the event in milliseconds since 1970; None if it has none.
        zone: the time zone of the date.

    Raises:
        Rejected: ``no-date`` if none of these times is known.
    """
    moment = enrolment.completed_on or assessed_on
    if moment is None:
        if ets is None:
            raise Rejected(
                ErrorCode.NO_DATE,
                "there is no issue date: the enrolment has no completedon, the scores have no time,"
                " and the event has no ets",
            )
        moment = datetime.fromtimestamp(ets / 1000, timezone.utc)
    try:
        return moment.astimezone(zone).date()
    except OverflowError as error:
        raise Rejected(
            ErrorCode.NO_DATE, f"the issue date {moment:%Y-%m-%d} is out of range in the time zone {zone}"
        ) from error


def build_related(
    claim: Claim,
    template: BatchTemplate,
    *,
    enrolment: Enrolment,
    percentages: Mapping[str, Decimal],
    user: User,
    course_name: str,
) -> dict[str, Any]:
    """Build ``related``: the claim's ids and the additional properties that the template lists.

    Args:
        claim: the claim to the certificate of the template.
        template: the template in the batch.
        enrolment: the learner's enrolment.
        percentages: the score of each assessed content in per cent.
        user: the learner.
        course_name: the name of the course.

    Raises:
        Rejected: ``template-field`` if the template names an unknown column.
    """
    props = template.additional_props
    related: dict[str, Any] = {
        "batchId": claim.batch_id,
        "courseId": claim.course_id,
        "type": template.name,
    }
    if locations := props.get("location"):
        related["location"] = {kind: name for kind in locations if (name := user.find_location(kind))}
    if columns := props.get("enrollment"):
        related["enrollment"] = {name: _read_column(enrolment, name) for name in columns}
    if "score" in props.get("assessment", ()):
        scores = {content: _to_json_number(value) for content, value in percentages.items()}
        related["assessment"] = {"score": scores}
    record = user.record
    related |= {
        name: record[name] for name in props.get("user", ()) if name in record and name not in related
    }
    if props.get("course"):
        related["course"] = {"name": course_name}
    return related


def fill_cloud_placeholder(text: str, template_base: str) -> str:
    """Replace the cloud placeholder in a text by the address of the cloud storage."""
    return text.replace(CLOUD_PLACEHOLDER, template_base.rstrip("/"))


def _read_column(enrolment: Enrolment, name: str) -> Any:
    column = name.lower()
    if column not in enrolment.columns:
        raise Rejected(
            ErrorCode.TEMPLATE_FIELD,
            f"additionalProps.enrollment names {name!r}, which is not a column of user_enrolments",
        )
    value = enrolment.columns[column]
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    return value


def _to_json_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
