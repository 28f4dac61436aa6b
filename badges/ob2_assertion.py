"""Open Badges 2.0 assertions, readable by everything that reads the reference's (contracts §6.1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from certbeam.badges.award import Award, Signatory
from certbeam.badges.key_set import PublicKey
from certbeam.badges.timestamps import timestamp
from certbeam.badges.urls import (
    Locations,
    badge_class_name,
    evidence_name,
    issuer_name,
    key_name,
    service_key_name,
)


def assertion(
    award: Award,
    at: Locations,
    *,
    key: PublicKey | None = None,
    keys: Sequence[PublicKey] = (),
    service_key: str = "",
    credential_status: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The assertion of a certificate, without its ``printUri``; absent optional members are left out.

    Args:
        award: what the certificate says.
        at: where it is published.
        key: the key that signs it; without one the assertion is a hosted badge.
        keys: all keys of the issuer.
        service_key: the id of the key that the encryption service signs it with.
        credential_status: its place on a status list, the same as its credential's.
    """
    document: dict[str, Any] = {
        "@context": at.context,
        "id": at.assertion(award.tag, award.certificate_id),
        "issuedOn": timestamp(award.issued_on),
        "recipient": {
            "@context": at.context,
            "identity": award.recipient_id,
            "type": ["id"],
            "hashed": False,
            "name": award.recipient_name,
        },
        "badge": _badge_class(award, at, _key_urls(award, at, keys, service_key)),
    }
    if award.course_name:
        document["evidence"] = _evidence(award, at)
    if award.expires:
        document["expires"] = timestamp(award.expires)
    document |= {
        "revoked": False,
        "type": ["Assertion", "Extension", "extensions:CertificateExtension"],
        "verification": {"type": "SignedBadge", "creator": at.document(key_name(award, key))}
        if key
        else {"type": "HostedBadge"},
        "signatory": [_signatory(one, at) for one in award.signatories],
    }
    if award.valid_from:
        document["validFrom"] = timestamp(award.valid_from)
    if credential_status:
        document["credentialStatus"] = credential_status
    return document


def key_document(award: Award, key: PublicKey, at: Locations) -> dict[str, Any]:
    """The document that a signed badge's ``verification.creator`` leads to."""
    return {
        "@context": "https://w3id.org/openbadges/v2",
        "id": at.document(key_name(award, key)),
        "type": "CryptographicKey",
        "owner": at.document(issuer_name(award)),
        "publicKeyPem": key.pem,
    }


def _key_urls(award: Award, at: Locations, keys: Sequence[PublicKey], service_key: str) -> list[str]:
    names = [key_name(award, key) for key in keys]
    if service_key:
        names.append(service_key_name(award, service_key))
    return [at.document(name) for name in names]


def _badge_class(award: Award, at: Locations, key_urls: list[str]) -> dict[str, Any]:
    return {
        "@context": at.context,
        "id": at.document(badge_class_name(award)),
        "type": ["BadgeClass"],
        "name": award.course_name or award.name,
        "description": award.description,
        "image": award.logo,
        "criteria": {"type": ["Criteria"], "narrative": award.narrative},
        "issuer": {
            "@context": at.context,
            "id": at.document(issuer_name(award)),
            "type": ["Issuer"],
            "name": award.issuer["name"],
            "url": award.issuer["url"],
            "publicKey": key_urls or award.issuer.get("publicKey") or [],
        },
    }


def _evidence(award: Award, at: Locations) -> dict[str, Any]:
    return {
        "@context": at.context,
        "id": at.document(evidence_name(award)),
        "type": ["Evidence", "Extension", "extensions:TrainingEvidence"],
        "name": award.course_name,
    }


def _signatory(signatory: Signatory, at: Locations) -> dict[str, Any]:
    return {
        "@context": at.signatory_context,
        "identity": signatory.identity,
        "type": ["Extension", "extensions:SignatoryExtension"],
        "designation": signatory.designation,
        "image": signatory.image,
        "name": signatory.name,
    }


OPEN_BADGES_2 = "https://w3id.org/openbadges/v2"


def strict_assertion(document: Mapping[str, Any]) -> dict[str, Any]:
    """An assertion in the form that Open Badges 2.0 verifiers insist on, without its ``signature``.

    The badge class is referred to: its URL is made from what it says.
    """
    left_out = ("signature", "printUri")
    strict = {name: value for name, value in document.items() if name not in left_out}
    (recipient_type,) = document["recipient"]["type"]
    return strict | {
        "@context": [OPEN_BADGES_2, document["@context"]],
        "recipient": {**document["recipient"], "type": recipient_type},
        "badge": document["badge"]["id"],
    }
