"""Build and parse generate events, which request certificates (docs/contracts.md, "Generate event")."""

from collections.abc import Iterator, Mapping
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    check_id_length,
    parse_object,
    read_epoch_millis,
    read_flag,
    read_object,
    read_string,
)
from certbeam.foundation.uuids import derive_uuid
from certbeam.issuing.claim import Claim, replace_edata
from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.issuing.record import Record


def build_generate_event(earned: EarnedCertificate, *, base_url: str) -> dict[str, Any]:
    """Build the generate event of an earned certificate; a replay of the issue event builds the same.

    Args:
        earned: the earned certificate.
        base_url: base URL of the issuer's files.
    """
    claim, template = earned.claim, earned.template
    edata: dict[str, Any] = {
        "issuedDate": earned.issue_date.isoformat(),
        "data": [{"recipientName": earned.recipient_name, "recipientId": claim.user_id}],
        "criteria": {"narrative": template.name},
        "svgTemplate": earned.template_url,
        "oldId": earned.replaces,
        "templateId": template.identifier,
        "userId": claim.user_id,
        "orgId": earned.organisation_id,
        "issuer": template.issuer,
        "signatoryList": list(template.signatories),
        "courseName": earned.course_name,
        "basePath": base_url,
        "related": earned.related,
        "name": template.name,
        "tag": claim.batch_id,
        "issueMid": claim.mid,
    }
    if earned.language:
        edata["language"] = earned.language
    if claim.is_reissue:
        edata["reIssue"] = True
    return {
        "actor": {"id": "Certificate Generator", "type": "System"},
        "eid": "BE_JOB_REQUEST",
        "edata": edata,
        "ets": claim.ets,
        "context": {"pdata": {"ver": "1.0", "id": "org.sunbird.learning.platform"}},
        "mid": "LMS." + derive_uuid("generate", *_list_ids(claim)),
        "object": {"id": claim.user_id, "type": "GenerateCertificate"},
    }


def _list_ids(claim: Claim) -> tuple[str, ...]:
    parts = (claim.mid, claim.batch_id, claim.course_id, claim.user_id, claim.template_id)
    return tuple(part or "" for part in parts)


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
    ets, is_reissue = read_epoch_millis(payload, "ets"), read_flag(edata, "reIssue")
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
            ets=ets,
            is_reissue=is_reissue,
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
