"""The elements between stages."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from certbeam.badges.enc_service import ServiceSignature
from certbeam.badges.status_list import StatusListEntry
from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.certificate_request import CertificateRequest, parse_certificate_request
from certbeam.issuing.claim import Claim


@runtime_checkable
class Element(Protocol):
    """Everything between two stages belongs to a claim."""

    @property
    def claim(self) -> Claim:
        """Return the claim, for its outcome and its dead letter."""


@dataclass(frozen=True, slots=True)
class Requested:
    """An earned claim with the generate event that requests its certificate.

    Attributes:
        payload: the generate event, narrowed to this recipient.
        slot: the certificate's status list index; None until it is claimed.
        signature: the signature of the assertion; None unless a service has signed it.
        read: the request that a stage has parsed from the payload; None until then.
    """

    claim: Claim
    payload: JsonObject
    slot: StatusListEntry | None = None
    signature: ServiceSignature | None = None
    read: CertificateRequest | None = None

    @property
    def request(self) -> CertificateRequest:
        """Return the certificate's request.

        Raises:
            Rejected: with the field that is missing or wrong.
        """
        return self.read or parse_certificate_request(self.claim, self.payload)


@dataclass(frozen=True, slots=True)
class Stored:
    """A certificate whose files are in storage."""

    request: CertificateRequest
    access_code: str
    entry: RegistryEntry

    @property
    def claim(self) -> Claim:
        """Return the claim of the request."""
        return self.request.claim


@dataclass(frozen=True, slots=True)
class Recorded:
    """A certificate that is recorded on its learner's enrolment."""

    request: CertificateRequest

    @property
    def claim(self) -> Claim:
        """Return the claim of the request."""
        return self.request.claim
