"""Open Badges 2.0 assertions, compatible with readers of Sunbird's assertions (docs/contracts.md, "Assertion")."""

from collections.abc import Mapping, Sequence
from typing import Any

from certbeam.badges.award import Award, Signatory
from certbeam.badges.key_set import PublicKey
from certbeam.badges.timestamps import format_timestamp
from certbeam.badges.urls import (
    PublishedUrls,
    badge_class_object_name,
    evidence_object_name,
    issuer_object_name,
    key_object_name,
    service_key_object_name,
)


def build_assertion(
    award: Award,
    urls: PublishedUrls,
    *,
    key: PublicKey | None = None,
    keys: Sequence[PublicKey] = (),
    service_key_id: str = "",
    credential_status: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build the assertion of a certificate, without ``printUri`` and ``signature``.

    Optional members without a value are left out.

    Args:
        award: the award of the certificate.
        urls: the URLs of published documents.
        key: the signing key. Without one, the assertion is a hosted badge.
        keys: all keys of the issuer.
        service_key_id: the id of the enc-service's key that signs the assertion; ``""`` for none.
        credential_status: the ``credentialStatus``, the same as in the credential.
    """
    document: dict[str, Any] = {
        "@context": urls.context,
        "id": urls.assertion(award.tag, award.certificate_id),
        "issuedOn": format_timestamp(award.issued_on),
        "recipient": {
            "@context": urls.context,
            "identity": award.recipient_id,
            "type": ["id"],
            "hashed": False,
            "name": award.recipient_name,
        },
        "badge": _badge_class(award, urls, _key_urls(award, urls, keys, service_key_id)),
    }
    if award.course_name:
        document["evidence"] = _evidence(award, urls)
    if award.expires:
        document["expires"] = format_timestamp(award.expires)
    document |= {
        "revoked": False,
        "type": ["Assertion", "Extension", "extensions:CertificateExtension"],
        "verification": {"type": "SignedBadge", "creator": urls.document(key_object_name(award, key))}
        if key
        else {"type": "HostedBadge"},
        "signatory": [_signatory(signatory, urls) for signatory in award.signatories],
    }
    if award.valid_from:
        document["validFrom"] = format_timestamp(award.valid_from)
    if credential_status:
        document["credentialStatus"] = credential_status
    return document


def build_key_document(award: Award, key: PublicKey, urls: PublishedUrls) -> dict[str, Any]:
    """Build the key document at the URL ``verification.creator`` of a signed badge."""
    return {
        "@context": "https://w3id.org/openbadges/v2",
        "id": urls.document(key_object_name(award, key)),
        "type": "CryptographicKey",
        "owner": urls.document(issuer_object_name(award)),
        "publicKeyPem": key.pem,
    }


def _key_urls(award: Award, urls: PublishedUrls, keys: Sequence[PublicKey], service_key_id: str) -> list[str]:
    names = [key_object_name(award, key) for key in keys]
    if service_key_id:
        names.append(service_key_object_name(award, service_key_id))
    return [urls.document(name) for name in names]


def _badge_class(award: Award, urls: PublishedUrls, key_urls: list[str]) -> dict[str, Any]:
    return {
        "@context": urls.context,
        "id": urls.document(badge_class_object_name(award)),
        "type": ["BadgeClass"],
        "name": award.course_name or award.name,
        "description": award.description,
        "image": award.logo,
        "criteria": {"type": ["Criteria"], "narrative": award.narrative},
        "issuer": {
            "@context": urls.context,
            "id": urls.document(issuer_object_name(award)),
            "type": ["Issuer"],
            "name": award.issuer["name"],
            "url": award.issuer["url"],
            "publicKey": key_urls or award.issuer.get("publicKey") or [],
        },
    }


def _evidence(award: Award, urls: PublishedUrls) -> dict[str, Any]:
    return {
        "@context": urls.context,
        "id": urls.document(evidence_object_name(award)),
        "type": ["Evidence", "Extension", "extensions:TrainingEvidence"],
        "name": award.course_name,
    }


def _signatory(signatory: Signatory, urls: PublishedUrls) -> dict[str, Any]:
    return {
        "@context": urls.signatory_context,
        "identity": signatory.identity,
        "type": ["Extension", "extensions:SignatoryExtension"],
        "designation": signatory.designation,
        "image": signatory.image,
        "name": signatory.name,
    }


OPEN_BADGES_2 = "https://w3id.org/openbadges/v2"


def build_jws_payload(document: Mapping[str, Any]) -> dict[str, Any]:
    """Build the JWS payload of an assertion, in the form that Open Badges 2.0 requires.

    The payload refers to the badge class by URL. The URL is derived from the badge class's content.
    """
    unsigned = ("signature", "printUri")
    payload = {name: value for name, value in document.items() if name not in unsigned}
    (recipient_type,) = document["recipient"]["type"]
    return payload | {
        "@context": [OPEN_BADGES_2, document["@context"]],
        "recipient": {**document["recipient"], "type": recipient_type},
        "badge": document["badge"]["id"],
    }
