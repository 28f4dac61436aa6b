"""Requests for one certificate each, read from generate-certificate events (contracts §1.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    JsonObject,
    epoch_millis,
    flag,
    required_text,
    section,
    text,
)
from certbeam.issuing.claim import Claim
from certbeam.issuing.dates import _issue_date, _moment, expiry_date
from certbeam.issuing.ids import certificate_id, check_tag
from certbeam.issuing.learning_records import EnrolmentKey


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs: ``image`` is the URL of the signature's picture."""

    identity: str
    name: str
    designation: str
    image: str


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """Everything that one certificate says, checked.

    Attributes:
        claim: whose it is, for the outcome.
        certificate_id: what it will be called.
        ets: when the event was made, milliseconds since 1970; the issue date's midnight where it does not say.
        tag: the folder of its files.
        language: BCP 47 tag that templates may write dates in; ``""`` for English.
        issued_on: midnight UTC of the issue date.
        old_id: the certificate that this one replaces; ``""`` for none.
        reissue: whether the learner may already hold one.
        expires: when it ends to be valid, ``valid_from`` when it begins, where the event says.
        related: additional values, by name, for the registry and the template.
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
        """The enrolment that the certificate belongs to."""
        return EnrolmentKey(self.recipient_id, self.course_id, self.batch_id)


def certificate_request(claim: Claim, payload: JsonObject) -> CertificateRequest:
    """The request of a generate event that names one recipient.

    Raises:
        Rejected: naming the field that is missing or wrong.
    """
    edata = section(payload, "edata")
    (recipient,) = edata["data"]
    if not isinstance(recipient, Mapping):
        raise Rejected(ErrorCode.FIELD_INVALID, "edata.data holds an entry that is not an object")
    related = section(edata, "related")
    _check_base_path(text(edata, "basePath"))
    ets = epoch_millis(payload, "ets")
    issued_on = _issue_date(text(edata, "issuedDate"), ets)
    expiry, valid_from = text(edata, "expiry"), text(recipient, "validFrom")
    old_id, reissue = text(edata, "oldId"), flag(edata, "reIssue")
    name = required_text(edata, "name", at="edata")
    template_id = text(edata, "templateId")
    identity = {
        "batch_id": required_text(related, "batchId", at="edata.related"),
        "course_id": required_text(related, "courseId", at="edata.related"),
        "user_id": required_text(recipient, "recipientId", at="edata.data"),
    }
    again = (text(edata, "issueMid") or old_id) if old_id or reissue else ""
    return CertificateRequest(
        claim=claim,
        certificate_id=certificate_id(**identity, template_id=template_id or name, reissue_of=again),
        ets=ets if ets is not None else int(issued_on.timestamp() * 1000),
        tag=check_tag(required_text(edata, "tag", at="edata")),
        recipient_id=identity["user_id"],
        recipient_name=required_text(recipient, "recipientName", at="edata.data"),
        course_id=identity["course_id"],
        batch_id=identity["batch_id"],
        template_id=template_id,
        template_url=required_text(edata, "svgTemplate", at="edata"),
        name=name,
        course_name=text(edata, "courseName"),
        language=text(edata, "language"),
        description=text(edata, "description"),
        narrative=required_text(section(edata, "criteria"), "narrative", at="edata.criteria"),
        logo=text(edata, "logo"),
        issued_on=issued_on,
        expires=expiry_date(expiry, issued_on) if expiry else None,
        valid_from=_moment(valid_from, at="edata.data.validFrom") if valid_from else None,
        issuer=_issuer(section(edata, "issuer")),
        signatories=_signatories(edata.get("signatoryList")),
        key_id=_key_id(edata),
        old_id=old_id,
        reissue=bool(reissue or old_id),
        related=related,
    )


def _check_base_path(base_path: str) -> None:
    if not base_path:
        return
    try:
        parts = urlsplit(base_path)
    except ValueError as error:
        raise Rejected(ErrorCode.FIELD_INVALID, f"edata.basePath {base_path!r} is not a URL") from error
    if not (parts.scheme and parts.netloc):
        raise Rejected(ErrorCode.FIELD_INVALID, f"edata.basePath {base_path!r} is not a URL")


def _issuer(issuer: JsonObject) -> JsonObject:
    required_text(issuer, "name", at="edata.issuer")
    required_text(issuer, "url", at="edata.issuer")
    return issuer


def _signatories(entries: Any) -> tuple[Signatory, ...]:
    if not isinstance(entries, list) or not entries:
        raise Rejected(ErrorCode.FIELD_MISSING, "edata.signatoryList is missing or empty")
    return tuple(_signatory(entry, f"edata.signatoryList[{index}]") for index, entry in enumerate(entries))


def _signatory(entry: Any, at: str) -> Signatory:
    if not isinstance(entry, Mapping):
        raise Rejected(ErrorCode.FIELD_INVALID, f"{at} is not an object")
    return Signatory(
        identity=required_text(entry, "id", at=at),
        name=required_text(entry, "name", at=at),
        designation=required_text(entry, "designation", at=at),
        image=required_text(entry, "image", at=at),
    )


def _key_id(edata: JsonObject) -> str:
    if not edata.get("keys"):
        return ""
    return required_text(section(edata, "keys"), "id", at="edata.keys")
