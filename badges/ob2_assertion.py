"""Open Badges 2.0 assertions, readable by everything that reads the reference's (contracts §6.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from certbeam.badges.key_set import PublicKey
from certbeam.issuing.certificate_request import CertificateRequest, Signatory
from certbeam.issuing.ids import derived_uuid


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


def issuer_name(request: CertificateRequest) -> str:
    """The object name of the issuer's profile; every issuer has its own."""
    return f"issuers/{_issuer_uuid(request)}.json"


def key_name(request: CertificateRequest, key: PublicKey) -> str:
    """The object name of a key's document; it names its owner, so every issuer has its own of each key."""
    return f"keys/{key.kid}/{_issuer_uuid(request)}.json"


def service_key_name(request: CertificateRequest, key_id: str) -> str:
    """The object name of a key that the encryption service holds; readers take its id from the last part."""
    return f"keys/{_issuer_uuid(request)}/{key_id}_publicKey.json"


def badge_class_name(request: CertificateRequest) -> str:
    """The object name of the badge class, made from what it says: two certificates of a batch do not share one."""
    says = (request.course_name or request.name, request.description, request.logo, request.narrative)
    return f"{request.tag}/Badge-{_uuid('badge', *says, _issuer_uuid(request))}.json"


def evidence_name(request: CertificateRequest) -> str:
    """The object name of the evidence of training."""
    return f"{request.tag}/Evidence-{_uuid('evidence', request.course_name)}.json"


def assertion(
    request: CertificateRequest,
    at: Locations,
    *,
    key: PublicKey | None = None,
    keys: Sequence[PublicKey] = (),
    service_key: str = "",
    credential_status: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The assertion of a certificate, without its ``printUri``; absent optional members are left out.

    Args:
        request: what the certificate says.
        at: where it is published.
        key: the key that signs it; without one the assertion is a hosted badge.
        keys: all keys of the issuer.
        service_key: the id of the key that the encryption service signs it with.
        credential_status: its place on a status list, the same as its credential's.
    """
    document: dict[str, Any] = {
        "@context": at.context,
        "id": at.assertion(request.tag, request.certificate_id),
        "issuedOn": timestamp(request.issued_on),
        "recipient": {
            "@context": at.context,
            "identity": request.recipient_id,
            "type": ["id"],
            "hashed": False,
            "name": request.recipient_name,
        },
        "badge": _badge_class(request, at, _key_urls(request, at, keys, service_key)),
    }
    if request.course_name:
        document["evidence"] = _evidence(request, at)
    if request.expires:
        document["expires"] = timestamp(request.expires)
    document |= {
        "revoked": False,
        "type": ["Assertion", "Extension", "extensions:CertificateExtension"],
        "verification": {"type": "SignedBadge", "creator": at.document(key_name(request, key))}
        if key
        else {"type": "HostedBadge"},
        "signatory": [_signatory(one, at) for one in request.signatories],
    }
    if request.valid_from:
        document["validFrom"] = timestamp(request.valid_from)
    if credential_status:
        document["credentialStatus"] = credential_status
    return document


def key_document(request: CertificateRequest, key: PublicKey, at: Locations) -> dict[str, Any]:
    """The document that a signed badge's ``verification.creator`` leads to."""
    return {
        "@context": "https://w3id.org/openbadges/v2",
        "id": at.document(key_name(request, key)),
        "type": "CryptographicKey",
        "owner": at.document(issuer_name(request)),
        "publicKeyPem": key.pem,
    }


def timestamp(moment: datetime) -> str:
    """``yyyy-MM-dd'T'HH:mm:ss'Z'`` of a moment in UTC."""
    # strftime would leave years before 1000 without their zeros.
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _key_urls(
    request: CertificateRequest, at: Locations, keys: Sequence[PublicKey], service_key: str
) -> list[str]:
    names = [key_name(request, key) for key in keys]
    if service_key:
        names.append(service_key_name(request, service_key))
    return [at.document(name) for name in names]


def _badge_class(request: CertificateRequest, at: Locations, key_urls: list[str]) -> dict[str, Any]:
    return {
        "@context": at.context,
        "id": at.document(badge_class_name(request)),
        "type": ["BadgeClass"],
        "name": request.course_name or request.name,
        "description": request.description,
        "image": request.logo,
        "criteria": {"type": ["Criteria"], "narrative": request.narrative},
        "issuer": {
            "@context": at.context,
            "id": at.document(issuer_name(request)),
            "type": ["Issuer"],
            "name": request.issuer["name"],
            "url": request.issuer["url"],
            "publicKey": key_urls or request.issuer.get("publicKey") or [],
        },
    }


def _evidence(request: CertificateRequest, at: Locations) -> dict[str, Any]:
    return {
        "@context": at.context,
        "id": at.document(evidence_name(request)),
        "type": ["Evidence", "Extension", "extensions:TrainingEvidence"],
        "name": request.course_name,
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


def _issuer_uuid(request: CertificateRequest) -> str:
    return _uuid("issuer", str(request.issuer["name"]), str(request.issuer["url"]))


@lru_cache(maxsize=1024)
def _uuid(*parts: str) -> str:
    # The certificates of a batch have most of their documents in common.
    return derived_uuid(*parts)
