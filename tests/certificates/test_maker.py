"""Batches of certificates: each certificate is independent of the others in its batch."""

from collections.abc import Mapping
from typing import Any

import pytest

from certbeam.artwork.render import Renderer
from certbeam.artwork.template import compile_template
from certbeam.certificates.artefact import CONTENT_TYPES
from certbeam.certificates.certificate import Certificate, IssuerSettings
from certbeam.certificates.maker import CertificateInput, CertificateMaker
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.fonts import system_fonts
from certbeam.tests.badges.issuers import issuer
from certbeam.tests.support import BASE_URL, PIXEL, SVG, certificate

SETTINGS = IssuerSettings(BASE_URL, "{base_url}/{tag}/{id}", tuple(CONTENT_TYPES))
PICTURE = '<image width="9" height="9" href="${signatory0Image}"/>'
BODY = SVG.format("${recipientName}").replace("<text", f"{PICTURE}<text")
TEMPLATE = compile_template(BODY.encode(), embed=str, fonts=system_fonts())
ISSUER = issuer()

BROKEN: Mapping[str, dict[str, Any]] = {
    "template": {"svgTemplate": "broken.svg"},
    "picture": {"signatoryList": [{"name": "M", "id": "S", "designation": "D", "image": "broken.png"}]},
    "text": {"data": [{"recipientName": "\ue000", "recipientId": "u-2"}]},
}
"""Requests that fail in different steps."""


def load_template(url):
    if url.endswith("broken.svg"):
        raise Rejected(ErrorCode.TEMPLATE_MISSING, "it cannot be loaded")
    return TEMPLATE


def load_image(url):
    if url.endswith("broken.png"):
        raise Rejected(ErrorCode.TEMPLATE_MISSING, "it cannot be loaded")
    return PIXEL


@pytest.fixture
def maker():
    return CertificateMaker(SETTINGS, load_template, load_image, lambda _: "A1B2C3", Renderer(), ISSUER)


def test_a_certificate_is_the_same_in_a_batch_and_alone(maker):
    requests = [certificate(f"u-{number}") for number in range(5)]
    together = maker.make(map(CertificateInput, requests))
    assert [one.id for one in together] == [one.certificate_id for one in requests]
    for request, made in zip(requests, together, strict=True):
        (alone,) = maker.make([CertificateInput(request)])
        assert alone == made


@pytest.mark.parametrize("broken", BROKEN)
def test_a_failed_certificate_does_not_affect_the_others_of_its_batch(maker, broken):
    requests = [certificate("u-1"), certificate("u-2", **BROKEN[broken]), certificate("u-3")]
    first, error, last = maker.make(map(CertificateInput, requests))
    assert isinstance(error, Rejected)
    assert isinstance(first, Certificate)
    assert isinstance(last, Certificate)
    assert [first.request.recipient_id, last.request.recipient_id] == ["u-1", "u-3"]


def test_each_step_runs_for_all_certificates_before_the_next_step(maker):
    log = []

    def record_step(name, step):
        def call(argument):
            log.append(name)
            return step(argument)

        return call

    steps = CertificateMaker(
        SETTINGS,
        record_step("template", load_template),
        record_step("picture", load_image),
        record_step("code", lambda _: "A1B2C3"),
        Renderer(),
        ISSUER,
    )
    signatory = [{"name": "M", "id": "S", "designation": "D", "image": "s.png"}]
    steps.make(CertificateInput(certificate(user, signatoryList=signatory)) for user in ("u-1", "u-2"))
    assert log == ["template", "code"] * 2 + ["picture"] * 2


def test_an_empty_batch_has_no_certificates(maker):
    assert maker.make([]) == []
