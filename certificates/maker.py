"""Make a batch of certificates from requests and compiled templates, step by step."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

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
from certbeam.issuing.claim import Claim

_Result = TypeVar("_Result")

_EXTENSIONS = {"vc": "vc.json"}
"""File extensions of the formats whose extension is not their name."""

_DEFAULT_LANGUAGE = "en"
"""Language of a certificate whose event names none."""


@dataclass(frozen=True, slots=True)
class CertificateInput:
    """Input for one certificate.

    Attributes:
        request: what the certificate states.
        status_entry: its status list entry; None if it cannot be revoked on a status list.
        signature: the enc-service's signature over its assertion; None if the service does not sign it.
    """

    request: CertificateRequest
    status_entry: StatusListEntry | None = None
    signature: ServiceSignature | None = None

    @property
    def claim(self) -> Claim:
        """Return the claim of the request."""
        return self.request.claim


class _Preparation(NamedTuple):
    """The compiled template of a request, and the access code of its certificate."""

    template: CompiledTemplate
    access_code: str


class _Badge(NamedTuple):
    """An assertion as JSON, and the documents that it refers to."""

    assertion: bytes
    documents: tuple[Artefact, ...]


class _Content(NamedTuple):
    """Everything that the files and the registry entry of a certificate are assembled from.

    Attributes:
        credential: the signed credential as JSON; None if credentials are not signed.
    """

    request: CertificateRequest
    access_code: str
    badge: _Badge
    credential: bytes | None
    filled: FilledTemplate


class _Batch:
    """Progress of a batch through the steps: a certificate that has failed takes part in no later step.

    Attributes:
        errors: the exceptions of failed certificates, by index in the batch.
    """

    def __init__(self, size: int) -> None:
        self.errors: dict[int, Exception] = {}
        self._remaining = list(range(size))

    def run(self, step: Callable[[int], _Result]) -> dict[int, _Result]:
        """Run a step for each certificate that has not failed, and return the results by index."""
        results: dict[int, _Result] = {}
        for index in self._remaining:
            try:
                results[index] = step(index)
            except Exception as error:
                self.errors[index] = error
        self._remaining = list(results)
        return results


@dataclass(frozen=True)
class CertificateMaker:
    """Maker of an installation's certificates.

    Attributes:
        settings: the settings that all certificates share.
        load_template: returns the compiled template at a URL, or raises ``Rejected``.
        load_image: returns the image at a URL as a ``data:`` URI, or raises ``Rejected``.
        access_code: returns the access code of a certificate id.
        renderer: renders PNG and PDF.
        issuer: signs credentials and assertions. Without it, assertions are hosted badges and there is no ``vc``.
    """

    settings: IssuerSettings
    load_template: Callable[[str], CompiledTemplate]
    load_image: Callable[[str], str]
    access_code: Callable[[str], str]
    renderer: Renderer
    issuer: CredentialIssuer | None = None

    def make(self, inputs: Iterable[CertificateInput]) -> list[Certificate | Exception]:
        """Make the certificates of a batch.

        Each step runs for all certificates before the next step starts. This takes a quarter less time than one
        certificate after another, because the code and data of a step stay in the processor's caches.

        Returns:
            For each input, in order, the certificate or the exception that prevented it. The exception is ``Rejected``
            if the cause is in the request or its template.
        """
        inputs = list(inputs)
        batch = _Batch(len(inputs))
        prepared = batch.run(lambda index: self._prepare(inputs[index].request))
        badges = batch.run(lambda index: self._build_badge(inputs[index]))
        credentials = batch.run(lambda index: self._sign_credential(inputs[index]))
        values = batch.run(
            lambda index: self._collect_values(inputs[index].request, prepared[index].template)
        )
        qr_codes = batch.run(
            lambda index: self._make_qr_code(inputs[index].request, prepared[index].access_code)
        )
        filled = batch.run(lambda index: prepared[index].template.fill(values[index], qr_codes[index]))
        certificates = batch.run(
            lambda index: self._assemble(
                _Content(
                    inputs[index].request,
                    prepared[index].access_code,
                    badges[index],
                    credentials[index],
                    filled[index],
                )
            )
        )
        return [
            certificates[index] if index in certificates else batch.errors[index]
            for index in range(len(inputs))
        ]

    def _prepare(self, request: CertificateRequest) -> _Preparation:
        template = self.load_template(request.template_url)
        return _Preparation(template, self.access_code(request.certificate_id))

    def _build_badge(self, certificate_input: CertificateInput) -> _Badge:
        request, issuer = certificate_input.request, self.issuer
        status_entry, signature = certificate_input.status_entry, certificate_input.signature
        if signature is not None:
            keys = issuer.keys if issuer else ()
            document = build_service_assertion(
                request, self._urls, signature.key_id, keys=keys, status_entry=status_entry
            )
            document = add_service_signature(document, request, self._urls, signature)
        elif issuer:
            document = issuer.sign_assertion(request, status_entry)
        else:
            document = build_assertion(request, self._urls)
        return _Badge(orjson.dumps(document), self._build_documents(request, document, signature))

    def _build_documents(
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
            bodies |= build_service_key_documents(request, self._urls, signature)
        return tuple(build_json_artefact(name, body) for name, body in bodies.items())

    def _sign_credential(self, certificate_input: CertificateInput) -> bytes | None:
        if self.issuer is None or "vc" not in self.settings.formats:
            return None
        return self.issuer.sign_credential(certificate_input.request, certificate_input.status_entry)

    def _collect_values(self, request: CertificateRequest, template: CompiledTemplate) -> dict[str, str]:
        values = build_template_values(request, template.required_variables)
        for name in filter(is_image_variable, template.required_variables):
            if values.get(name):
                values[name] = self.load_image(values[name])
        return values

    def _make_qr_code(self, request: CertificateRequest, access_code: str) -> QrCode:
        settings = self.settings
        verify_url = settings.verify_url.format(
            base_url=settings.base_url, tag=request.tag, id=request.certificate_id
        )
        return make_qr(verify_url, access_code)

    def _assemble(self, content: _Content) -> Certificate:
        request, badge = content.request, content.badge
        name = f"{request.tag}/{request.certificate_id}"
        artefacts = [
            Artefact(
                f"{name}.{_EXTENSIONS.get(file_format, file_format)}",
                CONTENT_TYPES[file_format],
                self._file_parts(content, file_format),
            )
            for file_format in self.settings.formats
            if file_format != "vc" or self.issuer
        ]
        # The assertion without printUri is served at the assertion's id: small enough for a phone that scans the QR
        # code.
        artefacts.append(Artefact(name, CONTENT_TYPES["json"], (badge.assertion,)))
        entry = self._build_registry_entry(content)
        return Certificate(request, content.access_code, tuple(artefacts), entry, badge.documents)

    def _file_parts(self, content: _Content, file_format: str) -> tuple[bytes, ...]:
        """Return the parts of a certificate's file in one format."""
        credential, filled = content.credential, content.filled
        if file_format == "json":
            # The data URI is ASCII without quotes or backslashes. So it needs no JSON escaping, which would take long:
            # it has tens of kilobytes.
            return (content.badge.assertion[:-1], b',"printUri":"', *filled.data_uri_parts, b'"}')
        if file_format == "vc":
            return (credential or b"",)
        if file_format == "svg":
            return bake_svg(filled.svg_parts, credential) if credential else filled.svg_parts
        if file_format == "png":
            png = self.renderer.render_png(filled)
            return (bake_png(png, credential) if credential else png,)
        return (self.renderer.render_pdf(filled, _pdf_metadata(content)),)

    def _build_registry_entry(self, content: _Content) -> RegistryEntry:
        request = content.request
        has_pdf = "pdf" in self.settings.formats
        return RegistryEntry(
            id=request.certificate_id,
            access_code=content.access_code,
            created_at=request.ets,
            data=content.badge.assertion.decode(),
            json_url=self._urls.artefact(request.tag, request.certificate_id, "json"),
            pdf_url=self._urls.artefact(request.tag, request.certificate_id, "pdf") if has_pdf else None,
            recipient=orjson.dumps({"id": request.recipient_id, "type": "individual"}).decode(),
            related=orjson.dumps(request.related).decode(),
            name=request.name,
            template_url=request.template_url,
            replaces=request.old_id,
        )

    @property
    def _urls(self) -> PublishedUrls:
        return PublishedUrls(self.settings.base_url)


def _pdf_metadata(content: _Content) -> PdfMetadata:
    request, credential = content.request, content.credential
    return PdfMetadata(
        title=f"{request.name}: {request.recipient_name}",
        language=request.language or _DEFAULT_LANGUAGE,
        created=request.issued_on,
        attachment=Attachment("credential.vc.json", credential, CONTENT_TYPES["vc"]) if credential else None,
    )
