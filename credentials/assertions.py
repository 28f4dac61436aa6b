"""Open Badges 2.0 assertions, readable by everything that reads the reference's (contracts §6.1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certbeam.credentials.requests import CertificateRequest, Signatory


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

    def badge_class(self, tag: str) -> str:
        """The badge class of a batch."""
        return f"{self.base_url}/{tag}/Badge.json"

    @property
    def context(self) -> str:
        """The JSON-LD context of assertions."""
        return f"{self.base_url}/v1/context.json"

    @property
    def signatory_context(self) -> str:
        """The JSON-LD context of the signatory extension."""
        return f"{self.base_url}/v1/extensions/SignatoryExtension/context.json"

    @property
    def issuer(self) -> str:
        """The issuer's profile."""
        return f"{self.base_url}/Issuer.json"

    @property
    def evidence(self) -> str:
        """The evidence of training."""
        return f"{self.base_url}/Evidence.json"


def assertion(request: CertificateRequest, at: Locations) -> dict[str, Any]:
    """The assertion of a certificate, without its ``printUri``; absent optional members are left out."""
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
        "badge": _badge_class(request, at),
    }
    if request.course_name:
        document["evidence"] = {
            "@context": at.context,
            "id": at.evidence,
            "type": ["Evidence", "Extension", "extensions:TrainingEvidence"],
            "name": request.course_name,
        }
    if request.expires:
        document["expires"] = timestamp(request.expires)
    document |= {
        "revoked": False,
        "type": ["Assertion", "Extension", "extensions:CertificateExtension"],
        "verification": {"type": ["HostedBadge"]},
        "signatory": [_signatory(one, at) for one in request.signatories],
    }
    if request.valid_from:
        document["validFrom"] = timestamp(request.valid_from)
    return document


def timestamp(moment: datetime) -> str:
    """``yyyy-MM-dd'T'HH:mm:ss'Z'`` of a moment in UTC."""
    # strftime would leave years before 1000 without their zeros.
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _badge_class(request: CertificateRequest, at: Locations) -> dict[str, Any]:
    return {
        "@context": at.context,
        "id": at.badge_class(request.tag),
        "type": ["BadgeClass"],
        "name": request.course_name or request.name,
        "description": request.description,
        "image": request.logo,
        "criteria": {"type": ["Criteria"], "narrative": request.narrative},
        "issuer": {
            "@context": at.context,
            "id": at.issuer,
            "type": ["Issuer"],
            "name": request.issuer["name"],
            "url": request.issuer["url"],
            "publicKey": request.issuer.get("publicKey") or [],
        },
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
