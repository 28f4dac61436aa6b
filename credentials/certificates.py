"""A certificate made: its files and its registry entry, from a request and a compiled template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from certbeam.credentials.assertions import Locations, assertion
from certbeam.credentials.ids import access_code
from certbeam.credentials.qr import make_qr
from certbeam.credentials.render import to_pdf, to_png
from certbeam.credentials.requests import CertificateRequest
from certbeam.credentials.template import CompiledTemplate, FilledTemplate
from certbeam.credentials.template_values import is_image, template_values

CONTENT_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
"""The formats that a certificate can be made in, by their file extension."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file of a certificate.

    Attributes:
        name: the object's name below the storage's root: ``<tag>/<id>.<format>``.
    """

    name: str
    content_type: str
    body: bytes


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
    """A certificate that is made and not yet stored."""

    request: CertificateRequest
    access_code: str
    artefacts: tuple[Artefact, ...]
    entry: RegistryEntry

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
        access_code_key: the secret of the access codes.
    """

    base_url: str
    verify_url: str
    formats: tuple[str, ...]
    access_code_key: bytes


def make_certificate(
    request: CertificateRequest,
    template: CompiledTemplate,
    settings: IssuerSettings,
    load_image: Callable[[str], str],
) -> Certificate:
    """Fill the template and make the files that ``settings`` asks for.

    Args:
        request: what the certificate says.
        template: the request's template, compiled.
        settings: the installation's.
        load_image: the ``data:`` URI of the picture at a URL; it raises ``Rejected`` for one it cannot have.

    Raises:
        Rejected: when the template asks for something that the request does not have.
    """
    at = Locations(settings.base_url)
    code = access_code(request.certificate_id, settings.access_code_key)
    document = assertion(request, at)
    filled = _fill(request, template, settings, code, load_image)
    artefacts = tuple(
        Artefact(
            f"{request.tag}/{request.certificate_id}.{extension}",
            CONTENT_TYPES[extension],
            _body(extension, document, filled, request),
        )
        for extension in settings.formats
    )
    return Certificate(request, code, artefacts, _entry(request, code, document, settings, at))


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


def _body(
    extension: str, document: Mapping[str, Any], filled: FilledTemplate, request: CertificateRequest
) -> bytes:
    if extension == "json":
        # The data URI is ASCII without quotes or backslashes: pasting it in saves escaping it, tens of kilobytes long.
        return orjson.dumps(document)[:-1] + b',"printUri":"' + filled.data_uri.encode("ascii") + b'"}'
    if extension == "svg":
        return filled.svg
    if extension == "png":
        return to_png(filled.svg)
    return to_pdf(filled.svg, created=request.issued_on, title=f"{request.name}: {request.recipient_name}")


def _entry(
    request: CertificateRequest,
    code: str,
    document: Mapping[str, Any],
    settings: IssuerSettings,
    at: Locations,
) -> RegistryEntry:
    return RegistryEntry(
        id=request.certificate_id,
        access_code=code,
        created_at=request.ets,
        data=orjson.dumps(document).decode(),
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
