"""A certificate: its files and its registry entry, and the documents that all of an installation refer to."""

from dataclasses import dataclass

from certbeam.badges.data_integrity import RDFC
from certbeam.certificates.artefact import Artefact
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.claim import Claim


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A certificate as the registry knows it (``cert_registry``, contracts §2.5).

    Attributes:
        created_at: milliseconds since 1970, from the event.
        data: the assertion without ``printUri``, as JSON.
        recipient, related: as JSON.
        pdf_url: None where no PDF is made.
        name: the certificate's, as its batch names it.
        template_url: the template that it was made from.
        replaces: id of the certificate that this one takes the place of; ``""`` for none.
    """

    id: str
    access_code: str
    created_at: int
    data: str
    json_url: str
    pdf_url: str | None
    recipient: str
    related: str
    name: str = ""
    template_url: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that is made and not yet stored.

    Attributes:
        artefacts: its own files.
        documents: what its assertion refers to, the same for many certificates.
    """

    request: CertificateRequest
    access_code: str
    artefacts: tuple[Artefact, ...]
    entry: RegistryEntry
    documents: tuple[Artefact, ...] = ()

    @property
    def claim(self) -> Claim:
        """Return the claim of the request."""
        return self.request.claim

    @property
    def id(self) -> str:
        """The certificate's UUID."""
        return self.request.certificate_id


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """What all certificates of an installation have in common.

    Attributes:
        verify_url: what the QR code says, with ``{base_url}``, ``{tag}`` and ``{id}``.
        formats: which files are made, of :data:`CONTENT_TYPES`.
        proofs: the cryptosuites of a credential's proofs.
    """

    base_url: str
    verify_url: str
    formats: tuple[str, ...]
    proofs: tuple[str, ...] = (RDFC,)
