"""Open Badges 2.0 assertions, readable by everything that reads the reference's (contracts §6.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from certbeam.badges.award import Award, Signatory
from certbeam.badges.key_set import PublicKey
from certbeam.foundation.uuids import derived_uuid


@dataclass(frozen=True, slots=True)
class Locations:
    """The URLs of what is published under ``base_url`` (no trailing slash)."""

    base_url: str

    def assertion(self, tag: str, certificate_id: str) -> str:
        """The assertion's own id."""
        return f"{self.base_url}/{tag}/{certificate_id}"

    def artefact(self, tag: str, certificate_id: str, extension: str) -> str:
        """Where one of a certificate's files is served."""
        return f"{self.base_url}/{tag}/{certificate_id}.{extension}"

    def document(self, name: str) -> str:
        """Where the object of this name in the storage is served."""
        return f"{self.base_url}/{name}"

    @property
    def context(self) -> str:
        """The JSON-LD context of assertions."""
        return f"{self.base_url}/v1/context.json"

    @property
    def signatory_context(self) -> str:
        """The JSON-LD context of the signatory extension."""
        return f"{self.base_url}/v1/extensions/SignatoryExtension/context.json"


def issuer_name(award: Award) -> str:
    """The object name of the issuer's profile; every issuer has its own."""
    return f"issuers/{_issuer_uuid(award)}.json"


def key_name(award: Award, key: PublicKey) -> str:
    """The object name of a key's document; it names its owner, so every issuer has its own of each key."""
    return f"keys/{key.kid}/{_issuer_uuid(award)}.json"


def service_key_name(award: Award, key_id: str) -> str:
    """The object name of a key that the encryption service holds; readers take its id from the last part."""
    return f"keys/{_issuer_uuid(award)}/{key_id}_publicKey.json"


def badge_class_name(award: Award) -> str:
    """The object name of the badge class, made from what it says: two certificates of a batch do not share one."""
    says = (award.course_name or award.name, award.description, award.logo, award.narrative)
    return f"{award.tag}/Badge-{_uuid('badge', *says, _issuer_uuid(award))}.json"


def evidence_name(award: Award) -> str:
    """The object name of the evidence of training."""
    return f"{award.tag}/Evidence-{_uuid('evidence', award.course_name)}.json"


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


def timestamp(moment: datetime) -> str:
    """``yyyy-MM-dd'T'HH:mm:ss'Z'`` of a moment in UTC."""
    # strftime would leave years before 1000 without their zeros.
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


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


def _issuer_uuid(award: Award) -> str:
    return _uuid("issuer", str(award.issuer["name"]), str(award.issuer["url"]))


@lru_cache(maxsize=1024)
def _uuid(*parts: str) -> str:
    # The certificates of a batch have most of their documents in common.
    return derived_uuid(*parts)
