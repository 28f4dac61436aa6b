"""A certificate made: its files and its registry entry, from a request and a compiled template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from certbeam.credentials.assertions import (
    Locations,
    assertion,
    badge_class_name,
    evidence_name,
    issuer_name,
)
from certbeam.credentials.baking import bake_png, bake_svg
from certbeam.credentials.contexts import context_documents
from certbeam.credentials.proofs import RDFC
from certbeam.credentials.qr import make_qr
from certbeam.credentials.render import Attachment, PdfMetadata, Renderer
from certbeam.credentials.requests import CertificateRequest
from certbeam.credentials.service_signatures import (
    ServiceSignature,
    service_assertion,
    service_key_documents,
    with_service_signature,
)
from certbeam.credentials.signing import CredentialIssuer
from certbeam.credentials.status_list import StatusSlot
from certbeam.credentials.template import CompiledTemplate, FilledTemplate
from certbeam.credentials.template_values import is_image, template_values

CONTENT_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "vc": "application/vc",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
"""The formats that a certificate can be made in, with their media types."""

_EXTENSIONS = {"vc": "vc.json"}
"""The file extensions of formats that are not called by theirs."""


_LANGUAGE = "en"
"""Of a certificate whose event names none."""


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


def make_certificate(
    request: CertificateRequest,
    template: CompiledTemplate,
    settings: IssuerSettings,
    code: str,
    load_image: Callable[[str], str],
    renderer: Renderer,
    issuer: CredentialIssuer | None = None,
    slot: StatusSlot | None = None,
    signature: ServiceSignature | None = None,
) -> Certificate:
    """Fill the template and make the files that ``settings`` asks for.

    Args:
        request: what the certificate says.
        template: the request's template, compiled.
        settings: the installation's.
        code: the certificate's access code.
        load_image: the ``data:`` URI of the picture at a URL; it raises ``Rejected`` for one it cannot have.
        renderer: draws PNG and PDF.
        issuer: signs; without one, there is no ``vc``.
        slot: the certificate's place on a status list.
        signature: of its assertion, where a service has signed it.

    Raises:
        Rejected: when the template asks for something that the request does not have.
    """
    at = Locations(settings.base_url)
    document = _assertion(request, at, issuer, slot, signature)
    written = orjson.dumps(document)
    made = _Made(
        request,
        written,
        issuer.credential(request, slot) if issuer and "vc" in settings.formats else None,
        _fill(request, template, settings, code, load_image),
        renderer,
    )
    name = f"{request.tag}/{request.certificate_id}"
    artefacts = [
        Artefact(f"{name}.{_EXTENSIONS.get(one, one)}", CONTENT_TYPES[one], made.parts(one))
        for one in settings.formats
        if one != "vc" or issuer
    ]
    # The assertion's id leads to the assertion itself, light enough for a telephone that follows the QR code.
    artefacts.append(Artefact(name, CONTENT_TYPES["json"], (written,)))
    entry = _entry(request, code, written, settings, at)
    return Certificate(
        request, code, tuple(artefacts), entry, _documents(request, document, issuer, signature, at)
    )


def _assertion(
    request: CertificateRequest,
    at: Locations,
    issuer: CredentialIssuer | None,
    slot: StatusSlot | None,
    signature: ServiceSignature | None,
) -> dict[str, Any]:
    if signature is None:
        return issuer.assertion(request, slot) if issuer else assertion(request, at)
    keys = issuer.keys if issuer else ()
    document = service_assertion(request, at, signature.key_id, keys=keys, slot=slot)
    return with_service_signature(document, request, at, signature)


def _documents(
    request: CertificateRequest,
    document: Mapping[str, Any],
    issuer: CredentialIssuer | None,
    signature: ServiceSignature | None,
    at: Locations,
) -> tuple[Artefact, ...]:
    badge_class = document["badge"]
    bodies = {badge_class_name(request): badge_class, issuer_name(request): badge_class["issuer"]}
    if "evidence" in document:
        bodies[evidence_name(request)] = document["evidence"]
    if issuer:
        bodies |= issuer.key_documents(request)
    if signature:
        bodies |= service_key_documents(request, at, signature)
    return tuple(json_artefact(name, body) for name, body in bodies.items())


def installation_documents(base_url: str, issuer: CredentialIssuer | None) -> tuple[Artefact, ...]:
    """The documents that all certificates of an installation refer to."""
    documents = context_documents(Locations(base_url))
    if issuer:
        documents |= issuer.documents()
    return tuple(json_artefact(name, body) for name, body in documents.items())


def json_artefact(name: str, body: Mapping[str, Any]) -> Artefact:
    """A document as a file."""
    return Artefact(name, CONTENT_TYPES["json"], (orjson.dumps(body),))


def _fill(
    request: CertificateRequest,
    template: CompiledTemplate,
    settings: IssuerSettings,
    code: str,
    load_image: Callable[[str], str],
) -> FilledTemplate:
    values = template_values(request, template.variables)
    for name in filter(is_image, template.variables):
        if values.get(name):
            values[name] = load_image(values[name])
    address = settings.verify_url.format(
        base_url=settings.base_url, tag=request.tag, id=request.certificate_id
    )
    return template.fill(values, make_qr(address, code))


@dataclass(frozen=True, slots=True)
class _Made:
    """What a certificate's files are made of.

    Attributes:
        assertion: as JSON.
        credential: the signed credential, as JSON; None where it is not asked for.
    """

    request: CertificateRequest
    assertion: bytes
    credential: bytes | None
    filled: FilledTemplate
    renderer: Renderer

    def parts(self, file_format: str) -> tuple[bytes, ...]:
        """The file of one format."""
        if file_format == "json":
            # The data URI is ASCII without quotes or backslashes: pasting it in saves escaping tens of kilobytes.
            return (self.assertion[:-1], b',"printUri":"', *self.filled.data_uri_parts, b'"}')
        if file_format == "vc":
            return (self.credential or b"",)
        if file_format == "svg":
            svg = self.filled.svg_parts
            return bake_svg(svg, self.credential) if self.credential else svg
        if file_format == "png":
            image = self.renderer.png(self.filled)
            return (bake_png(image, self.credential) if self.credential else image,)
        return (self.renderer.pdf(self.filled, self._pdf_metadata()),)

    def _pdf_metadata(self) -> PdfMetadata:
        credential = self.credential
        return PdfMetadata(
            title=f"{self.request.name}: {self.request.recipient_name}",
            language=self.request.language or _LANGUAGE,
            created=self.request.issued_on,
            attachment=Attachment("credential.vc.json", credential, CONTENT_TYPES["vc"])
            if credential
            else None,
        )


def _entry(
    request: CertificateRequest,
    code: str,
    written: bytes,
    settings: IssuerSettings,
    at: Locations,
) -> RegistryEntry:
    return RegistryEntry(
        id=request.certificate_id,
        access_code=code,
        created_at=request.ets,
        data=written.decode(),
        json_url=at.artefact(request.tag, request.certificate_id, "json"),
        pdf_url=at.artefact(request.tag, request.certificate_id, "pdf")
        if "pdf" in settings.formats
        else None,
        recipient=orjson.dumps({"id": request.recipient_id, "type": "individual"}).decode(),
        related=orjson.dumps(request.related).decode(),
        name=request.name,
        template_url=request.template_url,
        replaces=request.old_id,
    )
