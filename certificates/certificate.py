"""A certificate with its files and registry entry, and the settings that all certificates share."""

from dataclasses import dataclass

from certbeam.badges.data_integrity import RDFC
from certbeam.certificates.artefact import Artefact
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.claim import Claim


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A certificate's entry in the registry (docs/contracts.md, "cert_registry").

    Attributes:
        created_at: the time of the event, in milliseconds since 1970.
        data: the assertion without ``printUri``, as JSON.
        pdf_url: the URL of the PDF; None if no PDF is made.
        recipient: the recipient's id and type, as JSON.
        related: the event's ``related`` object, as JSON.
        name: the name of the certificate in its batch.
        template_url: the URL of its template.
        replaces: the id of the certificate that a re-issue replaces; ``""`` for none.
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
    """A certificate that is not stored yet.

    Attributes:
        artefacts: the files of this certificate only.
        documents: the documents that its assertion refers to, which many certificates share.
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
    """The settings that all certificates of an installation share.

    Attributes:
        base_url: the URL below which certificates are published, without a trailing slash.
        verify_url: the text of the QR code, with ``{base_url}``, ``{tag}`` and ``{id}``.
        formats: the formats of a certificate's files, from :data:`~certbeam.certificates.artefact.CONTENT_TYPES`.
        proofs: the cryptosuites of a credential's proofs.
    """

    base_url: str
    verify_url: str
    formats: tuple[str, ...]
    proofs: tuple[str, ...] = (RDFC,)
