"""Build and parse generate events, which request certificates (docs/contracts.md, "Generate event")."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    check_id_length,
    parse_object,
    read_object,
    read_string,
)
from certbeam.foundation.uuids import derive_uuid
from certbeam.issuing.claim import Claim, replace_edata
from certbeam.issuing.learning_records import BatchTemplate, Enrolment, User
from certbeam.issuing.record import Record

CLOUD_PLACEHOLDER = "CLOUD_BASE_PATH"
"""Placeholder for the address of the cloud storage in URLs of templates."""


@dataclass(frozen=True, slots=True)
class EarnedCertificate:
    """Claim to a certificate that the learner has earned, with the records that the certificate is made from.

    Attributes:
        percentages: the score of each assessed content in per cent.
        assessed_on: time of the newest change of these scores, with its time zone; None without scores.
        language: BCP 47 tag of the course's language; ``""`` if it is not known.
        replaces: id of the certificate that a re-issue replaces; ``""`` for a first issue.
    """

    claim: Claim
    template: BatchTemplate
    enrolment: Enrolment
    percentages: Mapping[str, Decimal]
    assessed_on: datetime | None
    user: User
    course_name: str
    language: str
    replaces: str


def derive_issue_date(earned: EarnedCertificate, zone: tzinfo) -> date:
    """Return the issue date: the day of completion, or else of the newest assessment, or else of the event.

    Args:
        earned: the earned certificate.
        zone: the time zone of the date.

    Raises:
        Rejected: ``no-date`` if none of these times is known.
    """
    moment = earned.enrolment.completed_on or earned.assessed_on
    if moment is None:
        if earned.claim.ets is None:
            raise Rejected(
                ErrorCode.NO_DATE,
                "there is no issue date: the enrolment has no completedon, no score a time, and the event no ets",
            )
        moment = datetime.fromtimestamp(earned.claim.ets / 1000, timezone.utc)
    try:
        return moment.astimezone(zone).date()
    except OverflowError as error:
        raise Rejected(
            ErrorCode.NO_DATE, f"the issue date {moment:%Y-%m-%d} is out of range in the time zone {zone}"
        ) from error


def build_generate_event(
    earned: EarnedCertificate, *, base_url: str, template_base: str, zone: tzinfo
) -> dict[str, Any]:
    """Build the generate event of an earned certificate; a replay of the issue event builds the same.

    Args:
        earned: the earned certificate.
        base_url: base URL of the issuer's files.
        template_base: replaces :data:`CLOUD_PLACEHOLDER` in the template's URL.
        zone: time zone of the issue date.

    Raises:
        Rejected: ``no-date``, or ``template-field`` if the template names an unknown column.
    """
    claim, template = earned.claim, earned.template
    edata: dict[str, Any] = {
        "issuedDate": derive_issue_date(earned, zone).isoformat(),
        "data": [{"recipientName": earned.user.name, "recipientId": claim.user_id}],
        "criteria": {"narrative": template.name},
        "svgTemplate": template.url.replace(CLOUD_PLACEHOLDER, template_base.rstrip("/")),
        "oldId": earned.replaces,
        "templateId": template.identifier,
        "userId": claim.user_id,
        "orgId": earned.user.record.get("rootOrgId") or "",
        "issuer": template.issuer,
        "signatoryList": list(template.signatories),
        "courseName": earned.course_name,
        "basePath": base_url,
        "related": _build_related(earned),
        "name": template.name,
        "tag": claim.batch_id,
        "issueMid": claim.mid,
    }
    if earned.language:
        edata["language"] = earned.language
    if earned.claim.is_reissue:
        edata["reIssue"] = True
    return {
        "actor": {"id": "Certificate Generator", "type": "System"},
        "eid": "BE_JOB_REQUEST",
        "edata": edata,
        "ets": earned.claim.ets,
        "context": {"pdata": {"ver": "1.0", "id": "org.sunbird.learning.platform"}},
        "mid": "LMS." + derive_uuid("generate", *_list_ids(claim)),
        "object": {"id": claim.user_id, "type": "GenerateCertificate"},
    }


def _list_ids(claim: Claim) -> tuple[str, ...]:
    parts = (claim.mid, claim.batch_id, claim.course_id, claim.user_id, claim.template_id)
    return tuple(part or "" for part in parts)


def _build_related(earned: EarnedCertificate) -> dict[str, Any]:
    """Build ``edata.related``: the claim's ids and the additional properties that the template lists."""
    props = earned.template.additional_props
    related: dict[str, Any] = {
        "batchId": earned.claim.batch_id,
        "courseId": earned.claim.course_id,
        "type": earned.template.name,
    }
    if locations := props.get("location"):
        related["location"] = {kind: name for kind in locations if (name := earned.user.find_location(kind))}
    if columns := props.get("enrollment"):
        related["enrollment"] = {name: _read_column(earned.enrolment, name) for name in columns}
    if "score" in props.get("assessment", ()):
        scores = {content: _to_json_number(value) for content, value in earned.percentages.items()}
        related["assessment"] = {"score": scores}
    record = earned.user.record
    related |= {
        name: record[name] for name in props.get("user", ()) if name in record and name not in related
    }
    if props.get("course"):
        related["course"] = {"name": earned.course_name}
    return related


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


def parse_generate_event(record: Record) -> list[Claim]:
    """Parse a generate event to the claim of each of its recipients.

    Raises:
        Rejected: the message is not a generate event, or has no recipient.
    """
    payload = parse_object(record.value)
    edata = payload.get("edata")
    if not isinstance(edata, Mapping) or not edata:
        raise Rejected(ErrorCode.FIELD_MISSING, "edata is missing or empty")
    recipients = edata.get("data")
    if not isinstance(recipients, list) or not recipients:
        raise Rejected(ErrorCode.FIELD_MISSING, "edata.data has no recipient")
    related = read_object(edata, "related")
    mid = read_string(edata, "issueMid") or read_string(payload, "mid") or None
    batch_id = read_string(related, "batchId") or read_string(edata, "tag")
    course_id, template_id = read_string(related, "courseId"), read_string(edata, "templateId") or None
    check_id_length(mid, at="mid")
    check_id_length(batch_id, at="edata.related.batchId")
    check_id_length(course_id, at="edata.related.courseId")
    check_id_length(template_id, at="edata.templateId")
    entries = list(_find_recipients(recipients))
    return [
        Claim(
            "generate",
            replace_edata(payload, data=[recipient]),
            record.source,
            mid,
            batch_id,
            course_id,
            user_id or None,
            template_id,
            shares_event=len(entries) > 1,
        )
        for user_id, recipient in entries
    ]


def _find_recipients(entries: list[Any]) -> Iterator[tuple[str, Any]]:
    """Return id and entry of each recipient once, and of each entry without an id, which fails later."""
    seen = set()
    for entry in entries:
        user_id = read_string(entry, "recipientId") if isinstance(entry, Mapping) else ""
        if not user_id or user_id not in seen:
            seen.add(user_id)
            yield user_id, entry
