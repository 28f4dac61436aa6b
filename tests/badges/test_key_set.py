"""Choice of the signing key, and checks of key sets."""

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from certbeam.badges.key_set import (
    PublicKey,
    add_ed25519_key,
    add_rsa_key,
    choose_assertion_key,
    choose_credential_key,
    new_key_set,
    parse_key_set,
    select_ed25519_keys,
    sign,
)
from certbeam.foundation.errors import Rejected
from certbeam.tests.badges.rsa_key import RSA_KEY
from certbeam.tests.support import BASE_URL

TEXT = new_key_set(BASE_URL, seed=b"1" * 32, secret=b"2" * 32, created=1000)


def key(kid, algorithm="EdDSA"):
    return PublicKey(kid, b"", 0, algorithm)


OLD, NEW = key("old"), key("new")
OLD_RSA, NEW_RSA = key("old-rsa", "RS256"), key("new-rsa", "RS256")


@pytest.mark.parametrize(
    ("keys", "asked", "signs"),
    [
        ([OLD], "", OLD),
        ([OLD, NEW], "", NEW),
        ([OLD, NEW], "old", OLD),
        ([OLD, NEW], "unknown", NEW),
        ([OLD_RSA, OLD, NEW], "", OLD_RSA),
        ([OLD_RSA, OLD, NEW_RSA, NEW], "", NEW_RSA),
        ([OLD, OLD_RSA, NEW_RSA], "unknown", NEW_RSA),
        ([OLD_RSA, OLD, NEW_RSA, NEW], "old-rsa", OLD_RSA),
        ([OLD_RSA, OLD, NEW_RSA, NEW], "old", OLD),
    ],
)
def test_the_requested_key_or_else_the_newest_rsa_key_signs_assertions(keys, asked, signs):
    assert choose_assertion_key(keys, asked) == signs


@pytest.mark.parametrize(("asked", "signs"), [("", NEW), ("old", OLD), ("unknown", NEW), ("old-rsa", NEW)])
def test_the_requested_or_else_the_newest_ed25519_key_signs_credentials(asked, signs):
    assert choose_credential_key(select_ed25519_keys([OLD_RSA, OLD, NEW, NEW_RSA]), asked) == signs


def test_keys_are_sorted_by_age():
    text = add_rsa_key(TEXT, RSA_KEY, created=5)
    assert [one.created for one in parse_key_set(text).public] == [1000, 1001]
    assert [one.algorithm for one in parse_key_set(text).public] == ["EdDSA", "RS256"]


def test_signatures_are_deterministic():
    held = parse_key_set(add_rsa_key(TEXT, RSA_KEY, created=5))
    for private in held.private.values():
        assert sign(private, b"message") == sign(private, b"message")


@pytest.mark.parametrize(("secret", "fits"), [(b"s" * 16, True), (b"s" * 15, False)])
def test_an_access_code_key_of_less_than_16_bytes_is_rejected(secret, fits):
    text = new_key_set(BASE_URL, seed=b"1" * 32, secret=secret, created=1000)
    if fits:
        assert parse_key_set(text).access_code_key == secret
    else:
        with pytest.raises(Rejected, match="fewer than 16 bytes"):
            parse_key_set(text)


@pytest.mark.parametrize(("bits", "fits"), [(2048, True), (2040, False)])
def test_an_rsa_key_of_less_than_2048_bits_is_rejected(bits, fits):
    text = add_rsa_key(TEXT, generate_private_key(65537, bits), created=2000)
    if fits:
        assert parse_key_set(text).public[-1].algorithm == "RS256"
    else:
        with pytest.raises(Rejected, match="not a JWK set"):
            parse_key_set(text)


def test_the_access_code_key_is_no_signing_key():
    held = parse_key_set(TEXT)
    assert "access-codes" not in held.private
    assert [one.kid for one in held.public] == list(held.private)


def change_rsa_key(**members):
    jwks = orjson.loads(add_rsa_key(TEXT, RSA_KEY, created=2000))
    jwk = next(jwk for jwk in jwks["keys"] if jwk["kty"] == "RSA")
    for name, value in members.items():
        if value is None:
            del jwk[name]
        else:
            jwk[name] = value
    return orjson.dumps(jwks)


@pytest.mark.parametrize("kid", ["../up", "a/b", "", "k" * 129])
def test_an_rsa_key_whose_id_is_unsafe_in_a_url_is_rejected(kid):
    with pytest.raises(Rejected, match=r"^the key set cannot be used: it is not a JWK set"):
        parse_key_set(change_rsa_key(kid=kid))


def test_an_rsa_key_without_a_time_is_the_oldest():
    assert [(one.algorithm, one.created) for one in parse_key_set(change_rsa_key(iat=None)).public] == [
        ("RS256", 0),
        ("EdDSA", 1000),
    ]


def test_a_new_key_is_newer_than_all_others_even_if_the_clock_was_set_back():
    text = add_ed25519_key(TEXT, seed=b"3" * 32, created=5)
    assert [one.created for one in parse_key_set(text).public] == [1000, 1001]
