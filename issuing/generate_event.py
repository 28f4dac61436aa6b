"""From a claim that is earned to the generate-certificate event that asks for the certificate (contracts §1.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    check_length,
    parse_object,
    section,
    text,
)
from certbeam.foundation.uuids import derived_uuid
from certbeam.issuing.claim import Claim, with_edata
from certbeam.issuing.issue_event import IssueEvent
from certbeam.issuing.learning_records import BatchTemplate, Enrolment, User
from certbeam.issuing.record import Record

CLOUD_PLACEHOLDER = "CLOUD_BASE_PATH"
"""What production writes into template URLs in place of the cloud store's address."""


@dataclass(frozen=True, slots=True)
class Earned:
    """An earned claim with everything known about it.

    Attributes:
        percentages: per cent reached, by assessed content.
        assessed_on: when the newest of these scores changed; aware.
        language: BCP 47 tag of the course's language; ``""`` where it is not known.
        replaces: id of the certificate that a re-issue takes the place of; ``""`` where there is none.
    """

    event: IssueEvent
    claim: Claim
    template: BatchTemplate
    enrolment: Enrolment
    percentages: Mapping[str, Decimal]
    assessed_on: datetime | None
    user: User
    course_name: str
    language: str
    replaces: str


def issue_date(earned: Earned, zone: tzinfo) -> date:
    """The day the certificate is dated: completion, else the newest assessment, else the event.

    Raises:
        Rejected: ``no-date``, when none of them is known.
    """
    moment = earned.enrolment.completed_on or earned.assessed_on
    if moment is None:
        if earned.event.ets is None:
            raise Rejected(
                ErrorCode.NO_DATE,
                "no date to issue on: no completedon, no assessment time, and the event has no ets",
            )
        moment = datetime.fromtimestamp(earned.event.ets / 1000, timezone.utc)
    try:
        return moment.astimezone(zone).date()
    except OverflowError as error:
        raise Rejected(
            ErrorCode.NO_DATE, f"the date to issue on, {moment:%Y-%m-%d}, is at the end of the calendar"
        ) from error


def generate_event(earned: Earned, *, base_url: str, template_base: str, zone: tzinfo) -> dict[str, Any]:
    """The generate-certificate event of an earned claim, the same whenever the same issue event is read.

    Raises:
        Rejected: when something that the template asks for is not there.
    """
    claim, template = earned.claim, earned.template
    edata: dict[str, Any] = {
        "issuedDate": issue_date(earned, zone).isoformat(),
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
        "related": _related(earned),
        "name": template.name,
        "tag": claim.batch_id,
        "issueMid": claim.mid,
    }
    if earned.language:
        edata["language"] = earned.language
    if earned.event.reissue:
        edata["reIssue"] = True
    return {
        "actor": {"id": "Certificate Generator", "type": "System"},
        "eid": "BE_JOB_REQUEST",
        "edata": edata,
        "ets": earned.event.ets,
        "context": {"pdata": {"ver": "1.0", "id": "org.sunbird.learning.platform"}},
        "mid": "LMS." + derived_uuid("generate", *_identity(claim)),
        "object": {"id": claim.user_id, "type": "GenerateCertificate"},
    }


def _identity(claim: Claim) -> tuple[str, ...]:
    parts = (claim.mid, claim.batch_id, claim.course_id, claim.user_id, claim.template_id)
    return tuple(part or "" for part in parts)


def _related(earned: Earned) -> dict[str, Any]:
    """``edata.related``: what identifies the claim, and the additional properties that the template asks for."""
    props = earned.template.additional_props
    related: dict[str, Any] = {
        "batchId": earned.claim.batch_id,
        "courseId": earned.claim.course_id,
        "type": earned.template.name,
    }
    if locations := props.get("location"):
        related["location"] = {kind: name for kind in locations if (name := earned.user.location(kind))}
    if columns := props.get("enrollment"):
        related["enrollment"] = {name: _column(earned.enrolment, name) for name in columns}
    if "score" in props.get("assessment", ()):
        scores = {content: _plain_number(value) for content, value in earned.percentages.items()}
        related["assessment"] = {"score": scores}
    record = earned.user.record
    related |= {
        name: record[name] for name in props.get("user", ()) if name in record and name not in related
    }
    if props.get("course"):
        related["course"] = {"name": earned.course_name}
    return related


def _column(enrolment: Enrolment, name: str) -> Any:
    column = name.lower()
    if column not in enrolment.columns:
        raise Rejected(
            ErrorCode.TEMPLATE_FIELD,
            f"additionalProps.enrollment names {name!r}, no column of user_enrolments",
        )
    value = enrolment.columns[column]
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    return value


def _plain_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def parse_generate_event(record: Record) -> list[Claim]:
    """The claim of each recipient of a generate event.

    Raises:
        Rejected: when it is no generate event, or names no recipient.
    """
    payload = parse_object(record.value)
    edata = payload.get("edata")
    if not isinstance(edata, Mapping) or not edata:
        raise Rejected(ErrorCode.FIELD_MISSING, "edata is missing or empty")
    recipients = edata.get("data")
    if not isinstance(recipients, list) or not recipients:
        raise Rejected(ErrorCode.FIELD_MISSING, "edata.data names no recipient")
    related = section(edata, "related")
    mid = text(edata, "issueMid") or text(payload, "mid") or None
    batch_id = text(related, "batchId") or text(edata, "tag")
    course_id, template_id = text(related, "courseId"), text(edata, "templateId") or None
    check_length(mid, at="mid")
    check_length(batch_id, at="edata.related.batchId")
    check_length(course_id, at="edata.related.courseId")
    check_length(template_id, at="edata.templateId")
    named = list(_recipients(recipients))
    return [
        Claim(
            "generate",
            with_edata(payload, data=[recipient]),
            record.source,
            mid,
            batch_id,
            course_id,
            user_id or None,
            template_id,
            one_of_many=len(named) > 1,
        )
        for user_id, recipient in named
    ]


def _recipients(entries: list[Any]) -> Iterator[tuple[str, Any]]:
    """Id and entry of each recipient, once; those without an id fail one by one later on."""
    seen = set()
    for entry in entries:
        user_id = text(entry, "recipientId") if isinstance(entry, Mapping) else ""
        if not user_id or user_id not in seen:
            seen.add(user_id)
            yield user_id, entry
