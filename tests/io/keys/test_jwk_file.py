import stat

import orjson
import pytest

from certbeam.badges.did_web import base_url_of_did, build_did
from certbeam.badges.key_set import add_ed25519_key, new_key_set, parse_key_set
from certbeam.io.keys.jwk_file import JwkFileSigner, is_open_to_others, read_key_set, write_key_set
from certbeam.io.uri.address import FlagError
from certbeam.tests.support import BASE_URL

TEXT = new_key_set(BASE_URL, seed=b"1" * 32, secret=b"2" * 32, created=1000)


@pytest.fixture
def file(tmp_path):
    write_key_set(tmp_path / "keys.json", TEXT)
    return tmp_path / "keys.json"


def test_a_key_file_is_private_and_read_back(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = read_key_set(file)
    assert held.access_code_key == b"2" * 32
    assert held.base_url == BASE_URL
    signer = JwkFileSigner(file)
    assert [key.kid for key in signer.keys] == [key.kid for key in held.public]
    assert len(signer.sign(signer.keys[0], b"message")) == 64
    signer.close()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_rejected(file, mode):
    file.chmod(mode)
    with pytest.raises(FlagError, match="chmod 600"):
        read_key_set(file)


@pytest.mark.parametrize(
    ("mode", "owner", "reader", "refused"),
    [
        (0o440, 0, 9999, False),  # as Kubernetes mounts it for a group
        (0o640, 0, 9999, False),
        (0o460, 0, 9999, True),
        (0o444, 0, 9999, True),
        (0o440, 0, 0, True),
        (0o440, 9999, 9999, True),
        (0o440, 1000, 9999, True),
        (0o400, 9999, 9999, False),
    ],
)
def test_a_group_may_read_a_file_of_root(mode, owner, reader, refused):
    assert is_open_to_others(mode, owner=owner, reader=reader) is refused


def test_a_missing_file_is_refused_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(FlagError, match="keys new"):
        read_key_set(tmp_path / "none.json")
    with pytest.raises(FlagError, match="cannot be written"):
        write_key_set(tmp_path / "no" / "folder.json", TEXT)


def change(**members):
    """The key set's text with other members in its Ed25519 key."""
    keys = orjson.loads(TEXT)
    keys["keys"][0].update(members)
    return orjson.dumps(keys)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": []}',
        b'{"keys": [{}]}',
        change(crv="X25519"),
        change(kid="../x"),
        change(x="AAAA"),
        change(d="AAAA"),
        change(kid="access-codes", kty="oct", k="AAAA"),
        orjson.dumps({"keys": orjson.loads(TEXT)["keys"][:1] * 2}),
    ],
)
def test_a_file_that_is_not_a_key_set_is_refused_and_not_quoted(file, text):
    file.write_bytes(text)
    with pytest.raises(FlagError) as error:
        read_key_set(file)
    assert orjson.loads(TEXT)["keys"][0]["d"] not in str(error.value)


def test_a_new_key_is_the_newest_if_the_clock_was_set_back():
    held = parse_key_set(add_ed25519_key(TEXT, seed=b"3" * 32, created=5))
    assert [key.created for key in held.public] == [1000, 1001]
    assert held.access_code_key == b"2" * 32


@pytest.mark.parametrize(
    ("base_url", "did"),
    [
        ("https://certs.example.org/certs", "did:web:certs.example.org:certs"),
        ("https://certs.example.org:8443/a/b", "did:web:certs.example.org%3A8443:a:b"),
    ],
)
def test_a_base_url_has_one_did(base_url, did):
    assert build_did(base_url) == did
    assert base_url_of_did(did) == base_url


@pytest.mark.parametrize(
    "base_url", ["http://x.example/certs", "https://x.example", "https:///certs", "https://u@x.example/c"]
)
def test_a_base_url_without_a_did_web_is_refused(base_url):
    with pytest.raises(ValueError, match="signed credentials need"):
        build_did(base_url)


@pytest.mark.parametrize("did", ["did:key:z6Mk", "did:web:x.example", "did:web:", "x"])
def test_a_did_of_another_form_is_refused(did):
    with pytest.raises(ValueError, match="did:web"):
        base_url_of_did(did)
