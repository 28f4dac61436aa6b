"""Read published documents from a storage folder, and only those under its base_url."""

import orjson
import pytest

from certbeam.io.storage.published_folder import PublishedFolder
from certbeam.io.uri.address import FlagError

BASE_URL = "https://certs.example.org/certs"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "storage"
    (made / "keys").mkdir(parents=True)
    (made / "keys" / "ü a.json").write_bytes(b"key")
    (tmp_path / "secret").write_bytes(b"secret")
    (made / "link").symlink_to(tmp_path / "secret")
    return made


def test_a_url_under_the_base_url_is_read_from_the_folder(folder):
    published = PublishedFolder(folder, f"{BASE_URL}/")
    assert published(f"{BASE_URL}/keys/%C3%BC%20a.json") == b"key"
    assert published(f"{BASE_URL}/keys/%C3%BC%20a.json#fragment") == b"key"


@pytest.mark.parametrize(
    "url",
    [
        "https://certs.example.org/keys/%C3%BC%20a.json",
        "https://elsewhere.example.org/certs/keys/%C3%BC%20a.json",
        "https://certs.example.org/certs-of-others/keys/%C3%BC%20a.json",
        "http://certs.example.org/certs/keys/%C3%BC%20a.json",
        f"{BASE_URL}/../secret",
        f"{BASE_URL}/%2e%2e/secret",
        f"{BASE_URL}/keys/../../secret",
        f"{BASE_URL}//etc/hostname",
        f"{BASE_URL}/%2Fetc/hostname",
        f"{BASE_URL}/link",
    ],
)
def test_other_urls_are_rejected(folder, url):
    with pytest.raises(LookupError, match="no other URL is fetched"):
        PublishedFolder(folder, BASE_URL)(url)


@pytest.mark.parametrize("name", ["keys/none.json", "keys"])
def test_a_file_that_cannot_be_read_is_missing(folder, name):
    with pytest.raises(LookupError, match="is not in"):
        PublishedFolder(folder, BASE_URL)(f"{BASE_URL}/{name}")


def test_the_base_url_is_that_of_the_did(folder):
    (folder / "did.json").write_bytes(orjson.dumps({"id": "did:web:certs.example.org:certs"}))
    assert PublishedFolder(folder)(f"{BASE_URL}/keys/%C3%BC%20a.json") == b"key"


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"id": "did:key:z6Mk"}', b"[]"])
def test_without_a_did_a_base_url_is_needed(folder, content):
    if content is not None:
        (folder / "did.json").write_bytes(content)
    with pytest.raises(FlagError, match="give --base_url"):
        PublishedFolder(folder)


def test_a_missing_base_url_is_reported_with_the_flag_of_the_folder(folder):
    with pytest.raises(FlagError) as error:
        PublishedFolder(folder)
    assert (error.value.flag, error.value.value) == ("offline", str(folder.resolve()))
