"""Open Badges 3.0 credentials: what a certificate says, as a Verifiable Credential 2.0 without its proof."""

import re
from typing import Any
from urllib.parse import quote

from certbeam.badges.award import Award, Signatory
from certbeam.badges.status_list import CREDENTIALS_CONTEXT, StatusSlot, status_entry
from certbeam.badges.timestamps import timestamp
from certbeam.badges.urls import Locations, badge_class_name, evidence_name

CONTEXTS = [CREDENTIALS_CONTEXT, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]

_WEB_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f\ud800-\udfff]+")
# Canonicalisation algorithms of different age write these differently, and no reader shows them.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]+")


def open_badge_credential(
    award: Award, at: Locations, *, issuer: str, slot: StatusSlot | None
) -> dict[str, Any]:
    """The OpenBadgeCredential of a certificate (Open Badges 3.0 §B.1); absent optional members are left out.

    Args:
        award: what it says. Control characters in its texts, newlines apart, become spaces.
        at: where it is published.
        issuer: the issuer's DID.
        slot: its place on a status list.
    """
    document: dict[str, Any] = {
        "@context": CONTEXTS,
        "id": at.artefact(award.tag, award.certificate_id, "vc.json"),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": clean(award.name),
        "issuer": _issuer(award, issuer),
        "validFrom": timestamp(_valid_from(award)),
    }
    if award.expires:
        document["validUntil"] = timestamp(award.expires)
    document["awardedDate"] = timestamp(award.issued_on)
    document["credentialSubject"] = {
        "type": ["AchievementSubject"],
        "identifier": [
            _identity("name", award.recipient_name),
            _identity("identifier", award.recipient_id),
        ],
        "achievement": _achievement(award, at),
    }
    document["evidence"] = _evidence(award, at)
    if slot:
        document["credentialStatus"] = status_entry(slot, at)
    return document


def clean(text: str) -> str:
    """Text as a credential carries it."""
    return _CONTROL.sub(" ", text)


def _valid_from(award: Award) -> Any:
    """Where the event does not say, no later than the event: an issue date east of Greenwich may begin after it."""
    if award.valid_from:
        return award.valid_from
    asked = type(award.issued_on).fromtimestamp(award.ets // 1000, award.issued_on.tzinfo)
    return min(award.issued_on, asked)


def _issuer(award: Award, did: str) -> dict[str, Any]:
    profile = {"id": did, "type": ["Profile"], "name": clean(str(award.issuer["name"]))}
    url = _web_url(str(award.issuer["url"]))
    if url:
        profile["url"] = url
    return profile


def _web_url(text: str) -> str:
    """A URL as credentials hold it, ``""`` for what is none: a file may be called in any script (RFC 3987 §3.1)."""
    url = _NOT_ASCII.sub(lambda found: quote(found[0]), text)
    return url if _WEB_URL.fullmatch(url) else ""


def _identity(kind: str, value: str) -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": False, "identityType": kind, "identityHash": clean(value)}


def _achievement(award: Award, at: Locations) -> dict[str, Any]:
    narrative = clean(award.narrative)
    achievement: dict[str, Any] = {
        "id": at.document(badge_class_name(award)),
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": clean(award.course_name or award.name),
        "description": clean(award.description) or narrative,
        "criteria": {"narrative": narrative},
    }
    logo = _web_url(award.logo)
    if logo:
        achievement["image"] = {"id": logo, "type": "Image"}
    return achievement


def _evidence(award: Award, at: Locations) -> list[dict[str, Any]]:
    """The training, and who signs for it: Open Badges 3.0 has no term for a signatory."""
    evidence = [_signatory(signatory) for signatory in award.signatories]
    if award.course_name:
        evidence.insert(
            0,
            {
                "id": at.document(evidence_name(award)),
                "type": ["Evidence"],
                "name": clean(award.course_name),
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
