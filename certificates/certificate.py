"""A certificate: its files and its registry entry, and the documents that all of an installation refer to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from certbeam.badges.data_integrity import RDFC
from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.json_ld_contexts import context_documents
from certbeam.badges.ob2_assertion import Locations
from certbeam.issuing.certificate_request import CertificateRequest

CONTENT_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "vc": "application/vc",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
"""The formats that a certificate can be made in, with their media types."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file of a certificate.

    Attributes:
        name: the object's name below the storage's root: ``<tag>/<id>.<format>``.
        parts: what the file holds, one after another. Most of it is a template's and shared by all its
            certificates: joining it for each would take longer than all that is done to fill it.
    """

    name: str
    content_type: str
    parts: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """The whole file."""
        return b"".join(self.parts)

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return sum(map(len, self.parts))


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


def installation_documents(base_url: str, issuer: CredentialIssuer | None) -> tuple[Artefact, ...]:
    """The documents that all certificates of an installation refer to."""
    documents = context_documents(Locations(base_url))
    if issuer:
        documents |= issuer.documents()
    return tuple(json_artefact(name, body) for name, body in documents.items())


def json_artefact(name: str, body: Mapping[str, Any]) -> Artefact:
    """A document as a file."""
    return Artefact(name, CONTENT_TYPES["json"], (orjson.dumps(body),))
