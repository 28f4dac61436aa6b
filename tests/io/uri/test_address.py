"""Addresses of ports, and the errors of wrong ones."""

import pytest

from certbeam.io.uri.address import FlagError, parse_address, sqlite_file


@pytest.mark.parametrize(
    ("text", "scheme", "path"),
    [
        ("out/certs", "file", "out/certs"),
        ("/abs/certs", "file", "/abs/certs"),
        ("c:/certs", "file", "c:/certs"),
        ("./odd:name", "file", "./odd:name"),
        ("file:///abs/certs", "file", "/abs/certs"),
        ("file:///abs/my%20certs", "file", "/abs/my certs"),
        ("sqlite:certbeam.db", "sqlite", "certbeam.db"),
        ("SQLite:certbeam.db", "sqlite", "certbeam.db"),
        ("kafka://b:9092/topic?group=g", "kafka", "//b:9092/topic?group=g"),
        ("certreg+https://host/x", "certreg+https", "//host/x"),
    ],
)
def test_an_address_is_a_scheme_and_a_path(text, scheme, path):
    address = parse_address("storage", text)
    assert (address.flag, address.text, address.scheme, address.path) == ("storage", text, scheme, path)


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_address_is_refused(text):
    with pytest.raises(FlagError, match="a path or a URI is needed"):
        parse_address("lms", text)


def test_an_error_has_the_flag_its_value_and_the_remedy():
    error = parse_address("lms", "mysql:x").refuse("use SQLite")
    assert (error.flag, error.value, error.remedy) == ("lms", "mysql:x", "use SQLite")
    assert str(error) == "--lms=mysql:x: use SQLite"


def test_a_database_file_is_a_relative_or_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.db"
    for text in ("sqlite:a.db", f"sqlite:{file}", f"sqlite://{file}"):
        assert sqlite_file(parse_address("lms", text), must_exist=False) == file


@pytest.mark.parametrize(
    ("text", "must_exist", "remedy"),
    [
        ("sqlite:", False, "a file is needed"),
        ("sqlite://", False, "a file is needed"),
        ("sqlite:missing.db", True, "there is no such file"),
        ("sqlite:missing/a.db", False, "the folder missing does not exist"),
    ],
)
def test_a_database_file_that_cannot_be_used_is_refused(tmp_path, monkeypatch, text, must_exist, remedy):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FlagError, match=remedy):
        sqlite_file(parse_address("lms", text), must_exist=must_exist)
