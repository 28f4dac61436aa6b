"""Certificate requests: from generate events (docs/contracts.md, "Generate event") and earned certificates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    JsonObject,
    read_object,
    read_required_string,
    read_string,
    require_string,
)
from certbeam.issuing.claim import Claim
from certbeam.issuing.dates import parse_expiry, parse_issue_date, parse_moment
from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.issuing.ids import check_tag, derive_certificate_id
from certbeam.issuing.learning_records import EnrolmentKey


@dataclass(frozen=True, slots=True)
class Signatory:
    """Signatory of a certificate.

    Attributes:
        image: URL of an image of the signature.
    """

    identity: str
    name: str
    designation: str
    image: str


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """Checked content of one certificate.

    Attributes:
        claim: the claim that the certificate belongs to, for the outcome.
        certificate_id: id of the certificate.
        ets: time of the event in milliseconds since 1970; if the event has none, midnight UTC of the issue date.
        tag: the folder of the certificate's files.
        language: BCP 47 tag of the language of dates; ``""`` for English.
        issued_on: midnight UTC of the issue date.
        old_id: id of the certificate that this one replaces; ``""`` for none.
        reissue: True if a new certificate is issued although the learner has one of this template.
        expires: end of validity; None if the event has none.
        valid_from: begin of validity; None if the event has none.
        related: additional values by name, for the registry and the template.
    """

    claim: Claim
    certificate_id: str
    ets: int
    tag: str
    recipient_id: str
    recipient_name: str
    course_id: str
    batch_id: str
    template_id: str
    template_url: str
    name: str
    course_name: str
    language: str
    description: str
    narrative: str
    logo: str
    issued_on: datetime
    expires: datetime | None
    valid_from: datetime | None
    issuer: JsonObject
    signatories: tuple[Signatory, ...]
    key_id: str
    old_id: str
    reissue: bool
    related: JsonObject

    @property
    def enrolment(self) -> EnrolmentKey:
        """Primary key of the enrolment that the certificate belongs to."""
        return EnrolmentKey(self.recipient_id, self.course_id, self.batch_id)


def parse_certificate_request(claim: Claim) -> CertificateRequest:
    """Parse the certificate request in the generate event of a claim, which is narrowed to the recipient.

    Raises:
        Rejected: a member is missing or has a value that cannot be used; the reason names it.
    """
    edata = read_object(claim.event, "edata")
    (recipient,) = edata["data"]
    if not isinstance(recipient, Mapping):
        raise Rejected(ErrorCode.FIELD_INVALID, "edata.data holds an entry that is not an object")
    related = read_object(edata, "related")
    _check_base_path(read_string(edata, "basePath"))
    issued_on = parse_issue_date(read_string(edata, "issuedDate"), claim.ets)
    expiry, valid_from = read_string(edata, "expiry"), read_string(recipient, "validFrom")
    old_id = read_string(edata, "oldId")
    name = read_required_string(edata, "name", at="edata")
    template_id = read_string(edata, "templateId")
    batch_id = read_required_string(related, "batchId", at="edata.related")
    course_id = read_required_string(related, "courseId", at="edata.related")
    recipient_id = read_required_string(recipient, "recipientId", at="edata.data")
    enrolment = EnrolmentKey(recipient_id, course_id, batch_id)
    return CertificateRequest(
        claim=claim,
        certificate_id=_derive_id(
            enrolment,
            template_id or name,
            issue_mid=read_string(edata, "issueMid"),
            old_id=old_id,
            is_reissue=claim.is_reissue,
        ),
        ets=_find_time(claim, issued_on),
        tag=check_tag(read_required_string(edata, "tag", at="edata")),
        recipient_id=recipient_id,
        recipient_name=read_required_string(recipient, "recipientName", at="edata.data"),
        course_id=course_id,
        batch_id=batch_id,
        template_id=template_id,
        template_url=read_required_string(edata, "svgTemplate", at="edata"),
        name=name,
        course_name=read_string(edata, "courseName"),
        language=read_string(edata, "language"),
        description=read_string(edata, "description"),
        narrative=read_required_string(read_object(edata, "criteria"), "narrative", at="edata.criteria"),
        logo=read_string(edata, "logo"),
        issued_on=issued_on,
        expires=parse_expiry(expiry, issued_on) if expiry else None,
        valid_from=parse_moment(valid_from, at="edata.data.validFrom") if valid_from else None,
        issuer=_check_issuer(read_object(edata, "issuer")),
        signatories=_parse_signatories(edata.get("signatoryList")),
        key_id=_read_key_id(edata),
        old_id=old_id,
        reissue=claim.is_reissue or bool(old_id),
        related=related,
    )


def build_certificate_request(earned: EarnedCertificate) -> CertificateRequest:
    """Build the request of an earned certificate, equal to what its generate event is parsed to.

    Raises:
        Rejected: the template has no name, issuer or signatory, or the batch id cannot be a tag. The reason names the
            member of the generate event, as :func:`parse_certificate_request` does.
    """
    claim, template = earned.claim, earned.template
    # Members of a generate event are read without white space at their ends.
    template_id, old_id = template.identifier.strip(), earned.replaces.strip()
    name = require_string(template.name, at="edata.name")
    enrolment = EnrolmentKey(claim.user_id or "", claim.course_id, claim.batch_id)
    issue_date = earned.issue_date
    issued_on = datetime(issue_date.year, issue_date.month, issue_date.day, tzinfo=timezone.utc)
    return CertificateRequest(
        claim=claim,
        certificate_id=_derive_id(
            enrolment,
            template_id or name,
            issue_mid=claim.mid or "",
            old_id=old_id,
            is_reissue=claim.is_reissue,
        ),
        ets=_find_time(claim, issued_on),
        tag=check_tag(claim.batch_id),
        recipient_id=enrolment.user_id,
        recipient_name=earned.recipient_name,
        course_id=enrolment.course_id,
        batch_id=enrolment.batch_id,
        template_id=template_id,
        template_url=earned.template_url.strip(),
        name=name,
        course_name=earned.course_name,
        language=earned.language,
        description="",
        narrative=name,
        logo="",
        issued_on=issued_on,
        expires=None,
        valid_from=None,
        issuer=_check_issuer(template.issuer),
        signatories=_parse_signatories(template.signatories),
        key_id="",
        old_id=old_id,
        reissue=claim.is_reissue or bool(old_id),
        related=earned.related,
    )


def _derive_id(
    enrolment: EnrolmentKey, template_id: str, *, issue_mid: str, old_id: str, is_reissue: bool
) -> str:
    return derive_certificate_id(
        batch_id=enrolment.batch_id,
        course_id=enrolment.course_id,
        user_id=enrolment.user_id,
        template_id=template_id,
        reissue_of=(issue_mid or old_id) if old_id or is_reissue else "",
    )


def _find_time(claim: Claim, issued_on: datetime) -> int:
    """Return the time of the event in milliseconds since 1970; of the issue date if the event has none."""
    return claim.ets if claim.ets is not None else int(issued_on.timestamp() * 1000)


def _check_base_path(base_path: str) -> None:
    if not base_path:
        return
    try:
        parts = urlsplit(base_path)
    except ValueError as error:
        raise Rejected(ErrorCode.FIELD_INVALID, f"edata.basePath {base_path!r} is not a URL") from error
    if not (parts.scheme and parts.netloc):
        raise Rejected(ErrorCode.FIELD_INVALID, f"edata.basePath {base_path!r} is not a URL")


def _check_issuer(issuer: JsonObject) -> JsonObject:
    read_required_string(issuer, "name", at="edata.issuer")
    read_required_string(issuer, "url", at="edata.issuer")
    return issuer


def _parse_signatories(entries: Any) -> tuple[Signatory, ...]:
    if not isinstance(entries, list | tuple) or not entries:
        raise Rejected(ErrorCode.FIELD_MISSING, "edata.signatoryList is missing or empty")
    return tuple(
        _parse_signatory(entry, f"edata.signatoryList[{index}]") for index, entry in enumerate(entries)
    )


def _parse_signatory(entry: Any, at: str) -> Signatory:
    if not isinstance(entry, Mapping):
        raise Rejected(ErrorCode.FIELD_INVALID, f"{at} is not an object")
    return Signatory(
        identity=read_required_string(entry, "id", at=at),
        name=read_required_string(entry, "name", at=at),
        designation=read_required_string(entry, "designation", at=at),
        image=read_required_string(entry, "image", at=at),
    )


def _read_key_id(edata: JsonObject) -> str:
    if not edata.get("keys"):
        return ""
    return read_required_string(read_object(edata, "keys"), "id", at="edata.keys")
