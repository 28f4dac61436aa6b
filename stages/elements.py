"""The elements that stages hand to one another."""

from dataclasses import dataclass

from certbeam.badges.enc_service import ServiceSignature
from certbeam.badges.status_list import StatusSlot
from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.certificate_request import CertificateRequest, certificate_request
from certbeam.issuing.claim import Claim
from certbeam.issuing.issue_event import IssueEvent


@dataclass(frozen=True, slots=True)
class Asked:
    """One user of an issue event, whose claims to the batch's templates are to be looked into.

    Attributes:
        event: the event, as if it had named this user only.
    """

    claim: Claim
    event: IssueEvent


@dataclass(frozen=True, slots=True)
class Requested:
    """A claim that is earned, and the generate event that asks for its certificate.

    Attributes:
        payload: the generate event that names this recipient only.
        slot: the certificate's place on a status list, once it has one.
        signature: of its assertion, where a service has signed it.
        read: the request, once a stage has read it from the payload.
    """

    claim: Claim
    payload: JsonObject
    slot: StatusSlot | None = None
    signature: ServiceSignature | None = None
    read: CertificateRequest | None = None

    @property
    def request(self) -> CertificateRequest:
        """The certificate's request.

        Raises:
            Rejected: naming the field that is missing or wrong.
        """
        return self.read or certificate_request(self.claim, self.payload)


@dataclass(frozen=True, slots=True)
class Stored:
    """A certificate whose files are in storage."""

    request: CertificateRequest
    access_code: str
    entry: RegistryEntry


@dataclass(frozen=True, slots=True)
class Recorded:
    """A certificate that its learner now holds."""

    request: CertificateRequest
