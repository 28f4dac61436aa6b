"""Parse the addresses of HTTP services in flags."""

import pytest

from certbeam.io.uri.address import FlagError, parse_address
from certbeam.io.uri.service_address import service_address


def service(text):
    return service_address(parse_address("users", text), "/api/v1")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://host", "https://host/api/v1"),
        ("http://host:8080/", "http://host:8080/api/v1"),
        ("rc+https://host/other/", "https://host/other"),
        ("certreg+http://[::1]:80", "http://[::1]:80/api/v1"),
    ],
)
def test_the_path_of_production_is_the_default(text, url):
    assert service(text).url == url


def test_the_api_key_is_read_from_the_environment_or_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CERTBEAM_KEY", "hush")
    (tmp_path / "key").write_text("hush\n")
    for option in ("api_key_env=CERTBEAM_KEY", f"api_key_file={tmp_path}/key"):
        assert service(f"https://host?{option}").headers == {"Authorization": "hush"}
    assert service("https://host").headers == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://", "host"),
        ("http://user@host", "without a user"),
        ("http://user:hush@host", "without a user"),
        ("http://host?api_key=hush", "api_key_file"),
        ("http://host?key=1", "no option 'key'"),
        ("http://host?api_key_file=/none", "cannot be read"),
    ],
)
def test_an_address_without_a_host_or_with_a_secret_is_rejected(text, says):
    with pytest.raises(FlagError, match=says):
        service(text)
