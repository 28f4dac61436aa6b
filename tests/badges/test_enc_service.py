"""Assertions signed by an enc-service: the choice of the key, and the signed members."""

import pytest

from certbeam.badges.enc_service import (
    ServiceSignature,
    add_service_signature,
    build_service_assertion,
    build_service_key_documents,
    choose_service_key,
    parse_service_signature,
    signed_members,
)
from certbeam.badges.status_list import StatusListEntry
from certbeam.badges.urls import PublishedUrls
from certbeam.foundation.errors import Rejected
from certbeam.tests.support import BASE_URL, certificate

AT = PublishedUrls(BASE_URL)
SIGNATURE = ServiceSignature("18", "c2lnbmVk", "PEM")
HELD = {"our-key"}


@pytest.mark.parametrize(
    ("asked", "default", "key"),
    [("", "", ""), ("", "18", "18"), ("19", "18", "19"), ("19", "", "19"), ("our-key", "18", "")],
)
def test_the_service_signs_with_the_requested_or_default_key_but_not_with_ours(asked, default, key):
    keys = {"keys": {"id": asked}} if asked else {}
    assert choose_service_key(certificate(**keys), HELD, default) == key


@pytest.mark.parametrize("asked", ["../x", "a/b", "a b", "x" * 129, "क"])
def test_a_key_id_that_is_unsafe_in_a_url_is_rejected(asked):
    with pytest.raises(Rejected, match=r"edata\.keys\.id"):
        choose_service_key(certificate(keys={"id": asked}), HELD, "")


def test_a_signature_covers_all_members_but_itself_and_print_uri():
    request = certificate()
    document = build_service_assertion(request, AT, "18", status_entry=StatusListEntry(1, 5))
    signed = add_service_signature(document, request, AT, SIGNATURE)
    assert signed_members({**signed, "printUri": "data:image/svg+xml,"}) == document
    assert document["credentialStatus"]["statusListIndex"] == "5"


def test_a_signature_has_the_time_of_the_event_and_can_be_parsed():
    request = certificate()
    document = add_service_signature(build_service_assertion(request, AT, "18"), request, AT, SIGNATURE)
    assert document["signature"]["created"] == "2026-04-01T04:30:00Z"
    assert document["signature"]["type"] == "LinkedDataSignature2015"
    assert parse_service_signature(document) == ServiceSignature("18", "c2lnbmVk")
    assert document["signature"]["creator"] in document["badge"]["issuer"]["publicKey"]


@pytest.mark.parametrize(
    "signature",
    [
        {},
        {"type": "JsonWebSignature", "creator": "https://x/1_publicKey.json"},
        {"type": "LinkedDataSignature2015"},
    ],
)
def test_signatures_of_other_kinds_are_ignored(signature):
    assert parse_service_signature({"signature": signature}) is None


def test_a_key_document_is_published_if_the_service_returns_its_key():
    request = certificate()
    ((name, document),) = build_service_key_documents(request, AT, SIGNATURE).items()
    assert document["id"] == f"{BASE_URL}/{name}"
    assert (document["type"], document["publicKeyPem"]) == ("CryptographicKey", "PEM")
    assert build_service_key_documents(request, AT, ServiceSignature("18", "c2lnbmVk")) == {}
