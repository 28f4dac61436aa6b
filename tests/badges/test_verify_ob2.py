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
