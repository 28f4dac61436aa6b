"""Verification of Open Badges 2.0 assertions: changed and forged assertions fail."""

import copy
import random

import orjson
import pytest

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.key_set import add_ed25519_key, new_key_set, parse_key_set, sign
from certbeam.badges.ob2_assertion import build_assertion as unsigned_assertion
from certbeam.badges.ob2_assertion import build_jws_payload
from certbeam.badges.status_list import StatusListEntry
from certbeam.badges.urls import badge_class_object_name, evidence_object_name, issuer_object_name
from certbeam.badges.verify_ob2 import verify_assertion
from certbeam.tests.badges.issuers import BASE_URL, issuer, key_set, request
from certbeam.tests.badges.mutations import changes, mutate
from certbeam.tests.badges.publishing import Publication

ISSUER = issuer()
STATUS_ENTRY = StatusListEntry(1, 77)


@pytest.fixture
def published():
    return Publication(ISSUER)


def publish(published, document, one):
    published.publish_list(ISSUER, 1)
    published.put(f"{one.tag}/{one.certificate_id}", document)
    published.put(badge_class_object_name(one), document["badge"])
    published.put(issuer_object_name(one), document["badge"]["issuer"])
    published.put(evidence_object_name(one), document["evidence"])
    for name, body in ISSUER.build_key_documents(one).items():
        published.put(name, body)
    return orjson.loads(orjson.dumps(document))


def signed(published, **edata):
    one = request(**edata)
    return publish(published, ISSUER.sign_assertion(one, STATUS_ENTRY), one)


def failures(document, fetch):
    return {check.name for check in verify_assertion(document, fetch) if not check.passed}


def test_a_signed_assertion_is_verified_with_and_without_its_picture(published):
    document = signed(published, expiry="30y")
    assert failures(document, published) == set()
    assert failures({**document, "printUri": "data:,"}, published) == set()


def find_undetected_changes(document, published, count):
    """Return those of many random changes, with their numbers, that verification does not detect."""
    dice = random.Random(20261122)  # noqa: S311 - the same mutations every time
    undetected = []
    for number in range(count):
        mutated = copy.deepcopy(document)
        what = mutate(mutated, dice)
        if not failures(mutated, published):
            undetected.append((number, what))
    return undetected


def test_random_changes_of_a_signed_assertion_are_detected(published):
    document = signed(published, expiry="30y", description="d")
    assert find_undetected_changes(document, published, 200) == []


@pytest.mark.slow
def test_every_change_of_a_signed_or_hosted_assertion_is_detected(published):
    document = signed(published, expiry="30y", description="Zoë")
    tried = [*changes(document, rewritten=True)]
    assert len(tried) > 1000
    assert [what for what, changed in tried if not failures(changed, published)] == []
    one = request()
    document = publish(published, unsigned_assertion(one, ISSUER.urls), one)
    tried = [*changes(document, rewritten=True)]
    assert [what for what, changed in tried if not failures(changed, published)] == []


def test_a_signature_in_another_base64_encoding_is_detected(published):
    """The last character of 64 bytes in base64 has four unused bits, which decoders ignore."""
    document = signed(published)
    token = document["signature"]["signatureValue"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = letters[letters.index(token[-1]) ^ 1]
    document["signature"]["signatureValue"] = token[:-1] + other
    assert failures(document, published) == {"signature"}


def test_random_changes_of_a_hosted_assertion_are_detected(published):
    one = request()
    document = publish(published, unsigned_assertion(one, ISSUER.urls), one)
    assert failures(document, published) == set()
    assert find_undetected_changes(document, published, 100) == []


def test_only_the_validity_check_fails_for_an_expired_assertion(published):
    assert failures(signed(published, expiry="2020-01-01"), published) == {"validity"}


def test_only_the_revocation_check_fails_for_a_revoked_assertion(published):
    document = signed(published)
    published.publish_list(ISSUER, 1, STATUS_ENTRY.index)
    assert failures(document, published) == {"revocation"}


def test_an_assertion_moved_to_another_base_url_is_detected(published):
    document = signed(published)
    moved = orjson.loads(
        orjson.dumps(document).replace(b"https://certs.example.org/", b"https://elsewhere.example.org/")
    )
    assert {"signature"} <= failures(moved, published)
    document["verification"]["creator"] = "https://elsewhere.example.org/key.json"
    assert {"issuer's key"} <= failures(document, published)


def test_an_assertion_signed_by_another_issuer_under_our_id_is_rejected(published):
    elsewhere = "https://elsewhere.example.org/certs"
    keys, one = key_set(seed=b"3" * 32), request()
    other = CredentialIssuer(
        elsewhere, keys.public, lambda key, message: sign(keys.private[key.kid], message)
    )
    document = other.sign_assertion(one, None)
    document["id"] = f"{BASE_URL}/{one.tag}/{one.certificate_id}"
    document["signature"]["signatureValue"] = other._sign_jws(build_jws_payload(document), other.keys[0])
    documents = {
        badge_class_object_name(one): document["badge"],
        issuer_object_name(one): document["badge"]["issuer"],
        **other.build_key_documents(one),
    }
    for name, body in documents.items():
        published[f"{elsewhere}/{name}"] = orjson.dumps(body)
    assert failures(orjson.loads(orjson.dumps(document)), published) == {"issuer's key"}


def test_a_signature_that_names_another_key_of_the_issuer_is_rejected(published):
    text = new_key_set(BASE_URL, seed=b"1" * 32, secret=b"2" * 32, created=1)
    both, one = issuer(parse_key_set(add_ed25519_key(text, seed=b"3" * 32, created=2))), request()
    document = publish(published, both.sign_assertion(one, None), one)
    for name, body in both.build_key_documents(one).items():
        published.put(name, body)
    assert failures(document, published) == set()
    older, newer = document["badge"]["issuer"]["publicKey"]
    assert document["signature"]["creator"] == newer
    document["signature"]["creator"] = older
    assert failures(document, published) == {"issuer's key"}


def results(document, fetch, verify_signature=None):
    return {
        check.name: (check.passed, check.detail)
        for check in verify_assertion(document, fetch, verify_signature)
    }


def hosted(published, **members):
    one = request(expiry="2999-01-01")
    return publish(published, {**unsigned_assertion(one, ISSUER.urls), **members}, one)


def test_the_results_of_a_signed_assertion_name_its_key_its_issuer_and_its_end(published):
    document = signed(published, expiry="2999-01-01")
    creator = document["verification"]["creator"]
    assert results(document, published) == {
        "issuer's key": (True, f"the key {creator} is published by the issuer at {BASE_URL}"),
        "signature": (True, "the signature matches: the assertion is as it was signed"),
        "validity": (True, "it is valid until 2999-01-01T00:00:00Z"),
        "revocation": (True, "it is not revoked"),
    }


def test_the_results_of_a_hosted_assertion_name_its_url(published):
    document = hosted(published)
    assert results(document, published) == {
        "hosted copy": (True, f"it is the assertion that its issuer hosts at {document['id']}"),
        "validity": (True, "it is valid until 2999-01-01T00:00:00Z"),
    }


def test_a_hosted_assertion_that_cannot_be_read_fails_with_its_url(published):
    document = hosted(published)
    del published[document["id"]]
    passed, detail = results(document, published)["hosted copy"]
    assert not passed
    assert detail.startswith(f"the hosted assertion cannot be read at {document['id']}: ")


def test_a_hosted_assertion_of_an_issuer_elsewhere_is_rejected(published):
    document = hosted(published)
    document["badge"]["issuer"]["id"] = "https://elsewhere.example.org/certs/issuers/a.json"
    published[document["id"]] = orjson.dumps(document)
    passed, detail = results(document, published)["hosted copy"]
    assert not passed
    assert "but its issuer at https://elsewhere.example.org/" in detail


@pytest.mark.parametrize("kind", ["OtherBadge", "", None, [], {}])
def test_an_assertion_that_is_neither_signed_nor_hosted_is_rejected(published, kind):
    document = signed(published)
    document["verification"]["type"] = kind
    assert results(document, published) == {"signature": (False, "it is neither a signed nor a hosted badge")}


SERVICE_SIGNATURE = {
    "type": "LinkedDataSignature2015",
    "creator": f"{BASE_URL}/keys/18_publicKey.json",
    "signatureValue": "c2lnbmVk",
}


class TestServiceSignature:
    @pytest.fixture
    def document(self, published):
        return hosted(published, signature=SERVICE_SIGNATURE)

    def test_it_is_verified_over_the_signed_members_only_if_the_service_is_known(self, published, document):
        requests = []

        def verify(signature, members):
            requests.append((signature.key_id, signature.value, members))
            return True

        assert "enc-service" not in results(document, published)
        assert results(document, published, verify)["enc-service"] == (
            True,
            "the signature of key 18 matches: the assertion is as it was signed",
        )
        members = {name: value for name, value in document.items() if name != "signature"}
        assert requests == [("18", "c2lnbmVk", members)]

    def test_a_signature_that_the_service_denies_fails(self, published, document):
        assert results(document, published, lambda *_: False)["enc-service"] == (
            False,
            "the signature of key 18 does not match the assertion",
        )

    def test_a_signature_of_another_kind_fails(self, published):
        document = hosted(published, signature={**SERVICE_SIGNATURE, "type": "JsonWebSignature"})
        assert results(document, published, lambda *_: True)["enc-service"] == (
            False,
            "the signature is not a LinkedDataSignature2015 of an enc-service",
        )

    def test_an_assertion_without_a_signature_needs_none(self, published):
        assert "enc-service" not in results(hosted(published), published, lambda *_: False)


@pytest.mark.parametrize("change", [{"type": "LinkedDataSignature2015"}, {"created": "2026-04-01T00:00:00Z"}])
def test_a_signature_of_another_form_is_rejected(published, change):
    document = signed(published)
    document["signature"] |= change
    passed, detail = results(document, published)["signature"]
    assert not passed
    assert "the signature is not a JsonWebSignature" in detail


def test_a_recipient_whose_type_is_not_a_list_is_rejected(published):
    document = signed(published)
    document["recipient"]["type"] = {document["recipient"]["type"][0]: 1}
    assert results(document, published)["signature"] == (False, "the recipient's type is not a list")


def test_only_the_validity_check_fails_for_an_assertion_of_the_future(published):
    document = signed(published, issuedDate="2999-01-01")
    assert failures(document, published) == {"validity"}


def test_the_published_issuer_may_have_newer_keys_but_must_have_those_of_the_assertion(published):
    document = signed(published)
    name = document["badge"]["id"]
    keys = document["badge"]["issuer"]["publicKey"]
    for published_keys, expected in (([*keys, f"{BASE_URL}/keys/new.json"], set()), ([], {"signature"})):
        issuer_profile = {**document["badge"]["issuer"], "publicKey": published_keys}
        published[name] = orjson.dumps({**document["badge"], "issuer": issuer_profile})
        assert failures(document, published) == expected


def test_an_issuer_whose_url_has_no_did_fails_without_an_exception(published):
    text = orjson.dumps(signed(published)).replace(
        b"https://certs.example.org/", b"http://certs.example.org/"
    )
    assert {"issuer's key"} <= failures(orjson.loads(text), published)


@pytest.mark.parametrize("padding", ["=", "=="])
def test_a_signature_with_padding_is_rejected(published, padding):
    document = signed(published)
    document["signature"]["signatureValue"] += padding
    assert results(document, published)["signature"] == (
        False,
        "the JWS is not encoded as base64url without padding",
    )
