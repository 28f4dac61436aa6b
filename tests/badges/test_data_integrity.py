"""Data Integrity proofs, compared with openbadgeslib and RFC 8785."""

import copy
import random
from datetime import datetime

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from nacl.signing import SigningKey
from openbadgeslib.ob3.ldp import add_data_integrity_proof, verify_data_integrity_proof

from certbeam.badges.data_integrity import CRYPTOSUITES, canonicalize_json
from certbeam.badges.ob3_credential import build_credential
from certbeam.badges.verify_proofs import verify_jcs
from certbeam.tests.badges.issuers import BASE_URL, NAMES, issuer, key_set, request, requests

KEYS = key_set()
ISSUER = issuer(KEYS, CRYPTOSUITES)


@pytest.mark.parametrize("name", NAMES)
def test_both_proofs_of_a_proof_set_are_valid(name):
    document = orjson.loads(ISSUER.sign_credential(request(recipient=name), None))
    verify_data_integrity_proof(document, KEYS.public[0].pem)
    verify_jcs(document, document["proof"][1], Ed25519PublicKey.from_public_bytes(KEYS.public[0].raw))


def test_the_proof_equals_the_proof_of_openbadgeslib():
    one = request()
    ours = orjson.loads(issuer(KEYS).sign_credential(one, None))
    unsecured = build_credential(one, ISSUER.urls, issuer=ISSUER.did, status_entry=None)
    signing_key = KEYS.private[KEYS.public[0].kid]
    assert isinstance(signing_key, SigningKey)
    private = Ed25519PrivateKey.from_private_bytes(bytes(signing_key))
    (proof,) = ours["proof"]
    theirs = add_data_integrity_proof(
        unsecured, private, proof["verificationMethod"], created=_parse(proof["created"])
    )
    assert ours == {**theirs, "proof": [theirs["proof"]]}


@settings(max_examples=300, deadline=None)
@given(requests())
def test_canonical_json_is_as_in_rfc_8785(one):
    document = build_credential(one, ISSUER.urls, issuer=ISSUER.did, status_entry=None)
    assert canonicalize_json(document) == rfc8785.dumps(document)


def test_a_jcs_proof_covers_every_member():
    document = orjson.loads(ISSUER.sign_credential(request(), None))
    key = Ed25519PublicKey.from_public_bytes(KEYS.public[0].raw)
    dice = random.Random(1)  # noqa: S311
    for name in (name for name in document if name not in ("proof", "@context")):
        changed = copy.deepcopy(document)
        changed[name] = f"changed {dice.random()}"
        with pytest.raises(ValueError, match="does not match"):
            verify_jcs(changed, changed["proof"][1], key)


def test_the_same_request_gives_the_same_bytes():
    assert issuer().sign_credential(request(), None) == issuer().sign_credential(request(), None)


@pytest.mark.parametrize(
    ("logo", "image"),
    [
        (
            "https://aranya.example.org/लोगो.png",
            "https://aranya.example.org/%E0%A4%B2%E0%A5%8B%E0%A4%97%E0%A5%8B.png",
        ),
        ("https://aranya.example.org/a%20b.png?c={d}", None),
        ("https://aranya.example.org/a%20b.png?c=d", "https://aranya.example.org/a%20b.png?c=d"),
        ("https://[::1]/x.png", None),
        ("javascript:alert(1)", None),
    ],
)
def test_urls_beyond_ascii_are_encoded_or_left_out_of_the_credential(logo, image):
    document = orjson.loads(
        ISSUER.sign_credential(request(logo=logo, issuer={"name": "A", "url": logo}), None)
    )
    achievement = document["credentialSubject"]["achievement"]
    assert achievement.get("image", {}).get("id") == image
    assert document["issuer"].get("url") == image
    verify_data_integrity_proof(document, KEYS.public[0].pem)


def _parse(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_the_id_of_a_credential_is_below_the_base_url():
    assert orjson.loads(ISSUER.sign_credential(request(), None))["id"].startswith(f"{BASE_URL}/batch-1/")
