"""Requests to the enc-service."""

import pytest

from certbeam.badges.enc_service import ServiceSignature
from certbeam.foundation.errors import Rejected
from certbeam.io.assertion_signing.enc_service_api import EncService
from certbeam.tests.io.web import Web

PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
SIGNED = (200, {"signatureValue": "c2lnbmVk", "keyId": 18})
SIGNATURE = ServiceSignature("18", "c2lnbmVk", PEM)


def service(*answers):
    web = Web(*answers, name="signing")
    return EncService(web.service, "18"), web


def test_the_service_signs_and_its_key_is_fetched_once():
    enc, web = service(SIGNED, (200, PEM.encode() + b"\n"), SIGNED)
    assert enc.sign([("18", {"a": 1})]) == [SIGNATURE]
    assert enc.sign([("18", {"a": 2})]) == [SIGNATURE]
    assert web.requests == [
        ("POST", "/sign/18", {"entity": {"a": 1}}),
        ("GET", "/keys/18", None),
        ("POST", "/sign/18", {"entity": {"a": 2}}),
    ]


def test_a_service_that_does_not_publish_its_key_still_signs():
    enc, _ = service(SIGNED, (404, b""))
    assert enc.sign([("18", {})]) == [ServiceSignature("18", "c2lnbmVk")]


@pytest.mark.parametrize(
    "answer", [(200, {"signatureValue": "x", "keyId": 19}), (200, {"keyId": 18}), (200, []), (400, {})]
)
def test_a_missing_signature_or_one_of_another_key_is_rejected(answer):
    enc, _ = service(answer, (200, PEM.encode()))
    (error,) = enc.sign([("18", {})])
    assert (type(error), error.code) == (Rejected, "signing-refused")


def test_a_response_that_is_no_pem_key_is_rejected():
    enc, _ = service(SIGNED, (200, b"<html>"))
    assert enc.sign([("18", {})])[0].code == "signing-refused"


@pytest.mark.parametrize("held", [True, False])
def test_the_service_verifies_signatures(held):
    enc, web = service((200, held))
    assert enc.verify(SIGNATURE, {"a": 1}) is held
    entity = {"claim": {"a": 1}, "signatureValue": "c2lnbmVk", "keyId": "18"}
    assert web.requests == [("POST", "/verify", {"entity": entity})]


@pytest.mark.parametrize("answer", [(200, "yes"), (200, {}), (400, {})])
def test_an_unexpected_response_to_a_verification_is_rejected(answer):
    with pytest.raises(Rejected):
        service(answer)[0].verify(SIGNATURE, {})
