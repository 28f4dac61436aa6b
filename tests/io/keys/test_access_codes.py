import pytest

from certbeam.badges.key_set import new_key_set
from certbeam.io.keys.access_codes import read_access_code_key
from certbeam.io.keys.jwk_file import write_key_set
from certbeam.io.uri.address import FlagError
from certbeam.tests.support import BASE_URL


@pytest.fixture
def key_set(tmp_path):
    write_key_set(
        tmp_path / "keys.json", new_key_set(BASE_URL, seed=b"1" * 32, secret=b"2" * 32, created=1000)
    )
    return str(tmp_path / "keys.json")


def test_the_key_file_has_priority_over_the_key_set(tmp_path, key_set):
    file = tmp_path / "codes.key"
    file.write_bytes(b"sixteen bytes ok\n")
    assert read_access_code_key(str(file), key_set, BASE_URL) == b"sixteen bytes ok"
    assert read_access_code_key("", key_set, BASE_URL) == b"2" * 32


def test_a_file_that_is_missing_or_too_short_is_refused(tmp_path, key_set):
    with pytest.raises(FlagError, match="cannot be read"):
        read_access_code_key(str(tmp_path / "none"), key_set, BASE_URL)
    (tmp_path / "short").write_bytes(b"too short\n")
    with pytest.raises(FlagError, match="16 bytes or more"):
        read_access_code_key(str(tmp_path / "short"), key_set, BASE_URL)


def test_without_a_key_the_access_codes_depend_on_the_base_url():
    assert len({read_access_code_key("", "", f"https://{host}/certs") for host in "ab"}) == 2
