"""Open Badges 3.0 credentials: Verifiable Credentials 2.0 of certificates, before they are signed."""

import re
from typing import Any
from urllib.parse import quote

from certbeam.badges.award import Award, Signatory
from certbeam.badges.status_list import CREDENTIALS_CONTEXT, StatusListEntry, build_credential_status
from certbeam.badges.timestamps import format_timestamp
from certbeam.badges.urls import PublishedUrls, badge_class_object_name, evidence_object_name

CONTEXTS = [CREDENTIALS_CONTEXT, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]

_WEB_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f\ud800-\udfff]+")
# RDFC-1.0 and older canonicalisation algorithms escape these differently, and they are not visible.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]+")


def build_credential(
    award: Award, urls: PublishedUrls, *, issuer: str, status_entry: StatusListEntry | None
) -> dict[str, Any]:
    """Build the OpenBadgeCredential of a certificate (Open Badges 3.0 §B.1), without proofs.

    Optional members without a value are left out. Control characters other than newlines become spaces.

    Args:
        award: the award of the certificate.
        urls: the URLs of published documents.
        issuer: the issuer's DID.
        status_entry: the certificate's status list entry; None if it cannot be revoked.
    """
    document: dict[str, Any] = {
        "@context": CONTEXTS,
        "id": urls.artefact(award.tag, award.certificate_id, "vc.json"),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": clean_text(award.name),
        "issuer": _issuer(award, issuer),
        "validFrom": format_timestamp(_valid_from(award)),
    }
    if award.expires:
        document["validUntil"] = format_timestamp(award.expires)
    document["awardedDate"] = format_timestamp(award.issued_on)
    document["credentialSubject"] = {
        "type": ["AchievementSubject"],
        "identifier": [
            _identity("name", award.recipient_name),
            _identity("identifier", award.recipient_id),
        ],
        "achievement": _achievement(award, urls),
    }
    document["evidence"] = _evidence(award, urls)
    if status_entry:
        document["credentialStatus"] = build_credential_status(status_entry, urls)
    return document


def clean_text(text: str) -> str:
    """Replace each run of control characters other than newlines with a space."""
    return _CONTROL.sub(" ", text)


def _valid_from(award: Award) -> Any:
    """Return the event's start of validity, else the issue date or the time of the event, whichever is earlier.

    The issue date is midnight UTC of a local date. East of Greenwich it can be later than the event.
    """
    if award.valid_from:
        return award.valid_from
    event_time = type(award.issued_on).fromtimestamp(award.ets // 1000, award.issued_on.tzinfo)
    return min(award.issued_on, event_time)


def _issuer(award: Award, did: str) -> dict[str, Any]:
    profile = {"id": did, "type": ["Profile"], "name": clean_text(str(award.issuer["name"]))}
    url = _web_url(str(award.issuer["url"]))
    if url:
        profile["url"] = url
    return profile


def _web_url(text: str) -> str:
    """Return a web URL with characters beyond ASCII percent-encoded (RFC 3987 §3.1); ``""`` if it is not a URL."""
    url = _NOT_ASCII.sub(lambda match: quote(match[0]), text)
    return url if _WEB_URL.fullmatch(url) else ""


def _identity(kind: str, value: str) -> dict[str, Any]:
    return {
        "type": "IdentityObject",
        "hashed": False,
        "identityType": kind,
        "identityHash": clean_text(value),
    }


def _achievement(award: Award, urls: PublishedUrls) -> dict[str, Any]:
    narrative = clean_text(award.narrative)
    achievement: dict[str, Any] = {
        "id": urls.document(badge_class_object_name(award)),
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": clean_text(award.course_name or award.name),
        "description": clean_text(award.description) or narrative,
        "criteria": {"narrative": narrative},
    }
    logo = _web_url(award.logo)
    if logo:
        achievement["image"] = {"id": logo, "type": "Image"}
    return achievement


def _evidence(award: Award, urls: PublishedUrls) -> list[dict[str, Any]]:
    """Return the training and the signatories as evidence: Open Badges 3.0 has no term for signatories."""
    evidence = [_signatory(signatory) for signatory in award.signatories]
    if award.course_name:
        evidence.insert(
            0,
            {
                "id": urls.document(evidence_object_name(award)),
                "type": ["Evidence"],
                "name": clean_text(award.course_name),
                "genre": "Training",
            },
        )
    return evidence


def _signatory(signatory: Signatory) -> dict[str, Any]:
    return {
        "type": ["Evidence"],
        "name": clean_text(signatory.name),
        "description": clean_text(signatory.designation),
        "genre": "Signatory",
    }
