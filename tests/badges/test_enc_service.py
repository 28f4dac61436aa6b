"""Assertions that an enc-service signs: by which key, and over what."""

import pytest

from certbeam.badges.enc_service import (
    ServiceSignature,
    service_assertion,
    service_key,
    service_key_documents,
    service_signature_of,
    signed_part,
    with_service_signature,
)
from certbeam.badges.status_list import StatusSlot
from certbeam.badges.urls import Locations
from certbeam.foundation.errors import Rejected
from certbeam.tests.support import BASE_URL, certificate

AT = Locations(BASE_URL)
SIGNATURE = ServiceSignature("18", "c2lnbmVk", "PEM")
HELD = {"our-key"}


@pytest.mark.parametrize(
    ("asked", "default", "key"),
    [("", "", ""), ("", "18", "18"), ("19", "18", "19"), ("19", "", "19"), ("our-key", "18", "")],
)
def test_the_key_is_the_one_asked_for_or_the_default_unless_it_is_our_own(asked, default, key):
    keys = {"keys": {"id": asked}} if asked else {}
    assert service_key(certificate(**keys), HELD, default) == key


@pytest.mark.parametrize("asked", ["../x", "a/b", "a b", "x" * 129, "क"])
def test_a_key_that_could_lead_elsewhere_is_refused(asked):
    with pytest.raises(Rejected, match=r"edata\.keys\.id"):
        service_key(certificate(keys={"id": asked}), HELD, "")


def test_a_signature_covers_all_but_itself_and_the_picture():
    request = certificate()
    document = service_assertion(request, AT, "18", slot=StatusSlot(1, 5))
    signed = with_service_signature(document, request, AT, SIGNATURE)
    assert signed_part({**signed, "printUri": "data:image/svg+xml,"}) == document
    assert document["credentialStatus"]["statusListIndex"] == "5"


def test_a_signature_is_dated_by_the_event_and_found_again():
    request = certificate()
    document = with_service_signature(service_assertion(request, AT, "18"), request, AT, SIGNATURE)
    assert document["signature"]["created"] == "2026-04-01T04:30:00Z"
    assert document["signature"]["type"] == "LinkedDataSignature2015"
    assert service_signature_of(document) == ServiceSignature("18", "c2lnbmVk")
    assert document["signature"]["creator"] in document["badge"]["issuer"]["publicKey"]


@pytest.mark.parametrize(
    "signature",
    [
        {},
        {"type": "JsonWebSignature", "creator": "https://x/1_publicKey.json"},
        {"type": "LinkedDataSignature2015"},
    ],
)
def test_another_signature_is_none_of_the_services(signature):
    assert service_signature_of({"signature": signature}) is None


def test_the_document_of_a_key_is_published_where_the_service_tells_it():
    request = certificate()
    ((name, document),) = service_key_documents(request, AT, SIGNATURE).items()
    assert document["id"] == f"{BASE_URL}/{name}"
    assert (document["type"], document["publicKeyPem"]) == ("CryptographicKey", "PEM")
    assert service_key_documents(request, AT, ServiceSignature("18", "c2lnbmVk")) == {}
