"""``cassandra://`` addresses, parsed without a server."""

from pathlib import Path

import pytest

from certbeam.io.clients.cassandra import parse_settings
from certbeam.io.uri.address import FlagError, parse_address


def settings(text: str):
    return parse_settings(parse_address("lms", text))


def test_an_address_has_hosts_port_keyspace_and_datacenter():
    found = settings("cassandra://one,two:9043/sunbird_courses?datacenter=south")
    assert (found.hosts, found.port, found.keyspace, found.datacenter) == (
        ("one", "two"),
        9043,
        "sunbird_courses",
        "south",
    )


def test_the_default_port_is_9042():
    assert settings("cassandra://one/k").port == 9042


def test_a_password_is_read_from_a_file(tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("hush\n")
    assert settings(f"cassandra://one/k?user=u&password_file={file}").password == "hush"


def test_a_password_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LMS_PASSWORD", "hush")
    assert settings("cassandra://one/k?user=u&password_env=LMS_PASSWORD").password == "hush"


def test_a_password_in_the_flag_is_refused_and_not_quoted():
    with pytest.raises(FlagError, match="password_file") as error:
        settings("cassandra://one/k?user=u&password=hush")
    assert "hush" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cassandra://one", "cassandra://HOST"),
        ("cassandra:///k", "cassandra://HOST"),
        ("cassandra://one/k;drop", "cassandra://HOST"),
        ("cassandra://one:port/k", "not a port number"),
        ("cassandra://one/k?usr=u", "no option 'usr'"),
        ("cassandra://one/k?user=u", "give both user and password_file"),
        ("cassandra://one/k?user=u&password_file=/none", "cannot be read"),
        ("cassandra://one/k?user=u&password_env=CERTBEAM_NONE", "no variable CERTBEAM_NONE"),
        ("cassandra://one/k?tls=/none", "certificate authorities"),
        ("cassandra://one/k?user=u&user=v", "twice"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(text: str, says: str):
    with pytest.raises(FlagError, match=says):
        settings(text)
