"""Making certificates from requests and compiled templates, many at a time, one step after another."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from certbeam.artwork.qr.qr_code import QrCode, make_qr
from certbeam.artwork.render import Attachment, PdfMetadata, Renderer
from certbeam.artwork.template import CompiledTemplate, FilledTemplate
from certbeam.badges.baking import bake_png, bake_svg
from certbeam.badges.enc_service import (
    ServiceSignature,
    add_service_signature,
    build_service_assertion,
    build_service_key_documents,
)
from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.ob2_assertion import build_assertion
from certbeam.badges.status_list import StatusListEntry
from certbeam.badges.urls import (
    PublishedUrls,
    badge_class_object_name,
    evidence_object_name,
    issuer_object_name,
)
from certbeam.certificates.artefact import CONTENT_TYPES, Artefact, build_json_artefact
from certbeam.certificates.certificate import Certificate, IssuerSettings, RegistryEntry
from certbeam.certificates.template_values import build_template_values, is_image_variable
from certbeam.issuing.certificate_request import CertificateRequest

_EXTENSIONS = {"vc": "vc.json"}
"""The file extensions of formats that are not called by theirs."""

_LANGUAGE = "en"
"""Of a certificate whose event names none."""


@dataclass(slots=True)
class CertificateInput:
    """A certificate while it is made.

    Attributes:
        request: what it says.
        slot: its place on a status list.
        signature: of its assertion, where a service has signed it.
        error: why it cannot be made; None while it can.
        template: the request's, compiled. This and what follows is added by the steps.
        code: its access code.
        assertion: as JSON.
        documents: what its assertion refers to.
        credential: the signed credential, as JSON; None where it is not asked for.
        values: what the template names.
        qr: its code.
        filled: its picture.
        certificate: all of it.
    """

    request: CertificateRequest
    slot: StatusListEntry | None = None
    signature: ServiceSignature | None = None
    error: Exception | None = None
    template: CompiledTemplate = field(init=False)
    code: str = field(init=False)
    assertion: bytes = field(init=False)
    documents: tuple[Artefact, ...] = field(init=False)
    credential: bytes | None = field(init=False)
    values: Mapping[str, str] = field(init=False)
    qr: QrCode = field(init=False)
    filled: FilledTemplate = field(init=False)
    certificate: Certificate = field(init=False)


@dataclass(frozen=True)
class CertificateMaker:
    """Makes the certificates of an installation.

    Attributes:
        settings: the installation's.
        load_template: the compiled template at a URL; it raises ``Rejected`` for one it cannot have.
        load_image: the same for pictures, as ``data:`` URIs.
        access_code: that of a certificate's id.
        renderer: draws PNG and PDF.
        issuer: signs; without one, there is no ``vc``.
    """

    settings: IssuerSettings
    load_template: Callable[[str], CompiledTemplate]
    load_image: Callable[[str], str]
    access_code: Callable[[str], str]
    renderer: Renderer
    issuer: CredentialIssuer | None = None

    def make(self, drafts: Iterable[CertificateInput]) -> list[Certificate | Exception]:
        """The certificates of drafts, or why there is none: ``Rejected``, when the request or its template is at fault.

        A step is done for all drafts before the next: while its code and data are in the processor's caches, a
        certificate takes three quarters of the time.
        """
        left = drafts = list(drafts)
        for step in (
            *(self._begin, self._write_assertion, self._sign_credential, self._gather_values),
            *(self._encode_address, self._fill, self._finish),
        ):
            left = [draft for draft in left if _succeeds(step, draft)]
        return [draft.error or draft.certificate for draft in drafts]

    def _begin(self, draft: CertificateInput) -> None:
        draft.template = self.load_template(draft.request.template_url)
        draft.code = self.access_code(draft.request.certificate_id)

    def _write_assertion(self, draft: CertificateInput) -> None:
        request, issuer, signature = draft.request, self.issuer, draft.signature
        if signature is not None:
            keys = issuer.keys if issuer else ()
            document = build_service_assertion(
                request, self._at, signature.key_id, keys=keys, status_entry=draft.slot
            )
            document = add_service_signature(document, request, self._at, signature)
        else:
            document = (
                issuer.sign_assertion(request, draft.slot) if issuer else build_assertion(request, self._at)
            )
        draft.assertion = orjson.dumps(document)
        draft.documents = self._documents(request, document, signature)

    def _sign_credential(self, draft: CertificateInput) -> None:
        issuer = self.issuer if "vc" in self.settings.formats else None
        draft.credential = issuer.sign_credential(draft.request, draft.slot) if issuer else None

    def _gather_values(self, draft: CertificateInput) -> None:
        values = build_template_values(draft.request, draft.template.required_variables)
        for name in filter(is_image_variable, draft.template.required_variables):
            if values.get(name):
                values[name] = self.load_image(values[name])
        draft.values = values

    def _encode_address(self, draft: CertificateInput) -> None:
        settings, request = self.settings, draft.request
        address = settings.verify_url.format(
            base_url=settings.base_url, tag=request.tag, id=request.certificate_id
        )
        draft.qr = make_qr(address, draft.code)

    def _fill(self, draft: CertificateInput) -> None:
        draft.filled = draft.template.fill(draft.values, draft.qr)

    def _finish(self, draft: CertificateInput) -> None:
        request = draft.request
        name = f"{request.tag}/{request.certificate_id}"
        artefacts = [
            Artefact(f"{name}.{_EXTENSIONS.get(one, one)}", CONTENT_TYPES[one], self._parts(draft, one))
            for one in self.settings.formats
            if one != "vc" or self.issuer
        ]
        # The assertion's id leads to the assertion itself, light enough for a telephone that follows the QR code.
        artefacts.append(Artefact(name, CONTENT_TYPES["json"], (draft.assertion,)))
        draft.certificate = Certificate(
            request, draft.code, tuple(artefacts), self._entry(draft), draft.documents
        )

    def _parts(self, draft: CertificateInput, file_format: str) -> tuple[bytes, ...]:
        """The file of one format."""
        credential, filled = draft.credential, draft.filled
        if file_format == "json":
            # The data URI is ASCII without quotes or backslashes: pasting it in saves escaping tens of kilobytes.
            return (draft.assertion[:-1], b',"printUri":"', *filled.data_uri_parts, b'"}')
        if file_format == "vc":
            return (credential or b"",)
        if file_format == "svg":
            return bake_svg(filled.svg_parts, credential) if credential else filled.svg_parts
        if file_format == "png":
            image = self.renderer.render_png(filled)
            return (bake_png(image, credential) if credential else image,)
        return (self.renderer.render_pdf(filled, _pdf_metadata(draft)),)

    def _entry(self, draft: CertificateInput) -> RegistryEntry:
        request = draft.request
        has_pdf = "pdf" in self.settings.formats
        return RegistryEntry(
            id=request.certificate_id,
            access_code=draft.code,
            created_at=request.ets,
            data=draft.assertion.decode(),
            json_url=self._at.artefact(request.tag, request.certificate_id, "json"),
            pdf_url=self._at.artefact(request.tag, request.certificate_id, "pdf") if has_pdf else None,
            recipient=orjson.dumps({"id": request.recipient_id, "type": "individual"}).decode(),
            related=orjson.dumps(request.related).decode(),
            name=request.name,
            template_url=request.template_url,
            replaces=request.old_id,
        )

    def _documents(
        self, request: CertificateRequest, document: Mapping[str, Any], signature: ServiceSignature | None
    ) -> tuple[Artefact, ...]:
        badge_class = document["badge"]
        bodies = {
            badge_class_object_name(request): badge_class,
            issuer_object_name(request): badge_class["issuer"],
        }
        if "evidence" in document:
            bodies[evidence_object_name(request)] = document["evidence"]
        if self.issuer:
            bodies |= self.issuer.build_key_documents(request)
        if signature:
            bodies |= build_service_key_documents(request, self._at, signature)
        return tuple(build_json_artefact(name, body) for name, body in bodies.items())

    @property
    def _at(self) -> PublishedUrls:
        return PublishedUrls(self.settings.base_url)


def _succeeds(step: Callable[[CertificateInput], None], draft: CertificateInput) -> bool:
    try:
        step(draft)
    except Exception as error:
        draft.error = error
        return False
    return True


def _pdf_metadata(draft: CertificateInput) -> PdfMetadata:
    request, credential = draft.request, draft.credential
    return PdfMetadata(
        title=f"{request.name}: {request.recipient_name}",
        language=request.language or _LANGUAGE,
        created=request.issued_on,
        attachment=Attachment("credential.vc.json", credential, CONTENT_TYPES["vc"]) if credential else None,
    )
