"""Open Badges 3.0 credentials: what a certificate says, as a Verifiable Credential 2.0 without its proof."""

import re
from typing import Any
from urllib.parse import quote

from certbeam.badges.ob2_assertion import Locations, badge_class_name, evidence_name, timestamp
from certbeam.badges.status_list import CREDENTIALS_CONTEXT, StatusSlot, status_entry
from certbeam.issuing.certificate_request import CertificateRequest, Signatory

CONTEXTS = [CREDENTIALS_CONTEXT, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]

_WEB_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f\ud800-\udfff]+")
# Canonicalisation algorithms of different age write these differently, and no reader shows them.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]+")


def open_badge_credential(
    request: CertificateRequest, at: Locations, *, issuer: str, slot: StatusSlot | None
) -> dict[str, Any]:
    """The OpenBadgeCredential of a certificate (Open Badges 3.0 §B.1); absent optional members are left out.

    Args:
        request: what it says. Control characters in its texts, newlines apart, become spaces.
        at: where it is published.
        issuer: the issuer's DID.
        slot: its place on a status list.
    """
    document: dict[str, Any] = {
        "@context": CONTEXTS,
        "id": at.artefact(request.tag, request.certificate_id, "vc.json"),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": clean(request.name),
        "issuer": _issuer(request, issuer),
        "validFrom": timestamp(_valid_from(request)),
    }
    if request.expires:
        document["validUntil"] = timestamp(request.expires)
    document["awardedDate"] = timestamp(request.issued_on)
    document["credentialSubject"] = {
        "type": ["AchievementSubject"],
        "identifier": [
            _identity("name", request.recipient_name),
            _identity("identifier", request.recipient_id),
        ],
        "achievement": _achievement(request, at),
    }
    document["evidence"] = _evidence(request, at)
    if slot:
        document["credentialStatus"] = status_entry(slot, at)
    return document


def clean(text: str) -> str:
    """Text as a credential carries it."""
    return _CONTROL.sub(" ", text)


def _valid_from(request: CertificateRequest) -> Any:
    """Where the event does not say, no later than the event: an issue date east of Greenwich may begin after it."""
    if request.valid_from:
        return request.valid_from
    asked = type(request.issued_on).fromtimestamp(request.ets // 1000, request.issued_on.tzinfo)
    return min(request.issued_on, asked)


def _issuer(request: CertificateRequest, did: str) -> dict[str, Any]:
    profile = {"id": did, "type": ["Profile"], "name": clean(str(request.issuer["name"]))}
    url = _web_url(str(request.issuer["url"]))
    if url:
        profile["url"] = url
    return profile


def _web_url(text: str) -> str:
    """A URL as credentials hold it, ``""`` for what is none: a file may be called in any script (RFC 3987 §3.1)."""
    url = _NOT_ASCII.sub(lambda found: quote(found[0]), text)
    return url if _WEB_URL.fullmatch(url) else ""


def _identity(kind: str, value: str) -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": False, "identityType": kind, "identityHash": clean(value)}


def _achievement(request: CertificateRequest, at: Locations) -> dict[str, Any]:
    narrative = clean(request.narrative)
    achievement: dict[str, Any] = {
        "id": at.document(badge_class_name(request)),
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": clean(request.course_name or request.name),
        "description": clean(request.description) or narrative,
        "criteria": {"narrative": narrative},
    }
    logo = _web_url(request.logo)
    if logo:
        achievement["image"] = {"id": logo, "type": "Image"}
    return achievement


def _evidence(request: CertificateRequest, at: Locations) -> list[dict[str, Any]]:
    """The training, and who signs for it: Open Badges 3.0 has no term for a signatory."""
    evidence = [_signatory(signatory) for signatory in request.signatories]
    if request.course_name:
        evidence.insert(
            0,
            {
                "id": at.document(evidence_name(request)),
                "type": ["Evidence"],
                "name": clean(request.course_name),
                "genre": "Training",
            },
        )
    return evidence


def _signatory(signatory: Signatory) -> dict[str, Any]:
    return {
        "type": ["Evidence"],
        "name": clean(signatory.name),
        "description": clean(signatory.designation),
        "genre": "Signatory",
    }
