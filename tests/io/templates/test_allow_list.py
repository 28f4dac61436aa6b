"""The URLs that an allow-list permits."""

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.foundation.errors import Rejected
from certbeam.io.templates.allow_list import canonical_url, parse_allow_list
from certbeam.io.uri.address import FlagError

PREFIX = "https://cdn.example.org/content/templates"
ALLOWED = parse_allow_list([PREFIX, "http://127.0.0.1:8080/x", "https://[2001:db8::1]/t"], None)


def refusal(url, allowed=ALLOWED):
    with pytest.raises(Rejected) as error:
        allowed.resolve(url)
    assert error.value.code == "template-refused"
    return error.value.reason


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        (f"{PREFIX}/a.svg", f"{PREFIX}/a.svg"),
        ("a.svg", f"{PREFIX}/a.svg"),
        ("sub/a.svg", f"{PREFIX}/sub/a.svg"),
        ("./sub/../a.svg", f"{PREFIX}/a.svg"),
        ("HTTPS://CDN.example.org/content//templates/a.svg", f"{PREFIX}/a.svg"),
        (f"{PREFIX}/a.svg?v=1#part", f"{PREFIX}/a.svg?v=1"),
        (f"{PREFIX}/%61.svg", f"{PREFIX}/a.svg"),
        (f"{PREFIX}/a b.svg", f"{PREFIX}/a%20b.svg"),
        ("/content/templates/a.svg", f"{PREFIX}/a.svg"),
        ("//cdn.example.org/content/templates/a.svg", f"{PREFIX}/a.svg"),
        ("http://127.0.0.1:8080/x/a.svg", "http://127.0.0.1:8080/x/a.svg"),
        ("https://[2001:db8::1]/t/a.svg", "https://[2001:db8::1]/t/a.svg"),
    ],
)
def test_a_url_below_a_prefix_is_resolved_to_its_canonical_form(url, resolved):
    assert ALLOWED.resolve(url) == resolved


@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_relative_urls_are_resolved_in_buckets(scheme):
    allowed = parse_allow_list([f"{scheme}://bucket/templates"], f"{scheme}://bucket/templates/2026")
    assert allowed.resolve("sub/a.svg") == f"{scheme}://bucket/templates/2026/sub/a.svg"
    assert allowed.resolve("/templates/a.svg") == f"{scheme}://bucket/templates/a.svg"
    for elsewhere in ("../../a.svg", "//other/templates/2026/a.svg", "https://bucket/templates/2026/a.svg"):
        refusal(elsewhere, allowed)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.org/content/other/a.svg",
        "https://cdn.example.org/content/templates-of-others/a.svg",
        "https://cdn.example.org/content/templates",
        "https://cdn.example.org/content/Templates/a.svg",
        "http://cdn.example.org/content/templates/a.svg",
        "https://cdn.example.org:8443/content/templates/a.svg",
        "https://evil.example/content/templates/a.svg",
        "https://cdn.example.org.evil.example/content/templates/a.svg",
        "https://evil.example/?https://cdn.example.org/content/templates/a.svg",
        "https://cdn.example.org@evil.example/content/templates/a.svg",
        "https://user@cdn.example.org/content/templates/a.svg",
        "https://user:secret@cdn.example.org/content/templates/a.svg",
        "https://cdn.example.org\\@evil.example/content/templates/a.svg",
        f"{PREFIX}/../a.svg",
        f"{PREFIX}/%2e%2e/a.svg",
        f"{PREFIX}/x/%2E./%2e%2e/a.svg",
        f"{PREFIX}/%252e%252e/a.svg",
        f"{PREFIX}/..\\a.svg",
        f"{PREFIX}/%5c%2e%2e/a.svg",
        f"{PREFIX}/a%00.svg",
        "../a.svg",
        "/etc/passwd",
        "//evil.example/a.svg",
        "file:///etc/passwd",
        "ftp://cdn.example.org/content/templates/a.svg",
        "data:image/svg+xml,<svg/>",
        "javascript:alert(1)",
        "https://[::1/a.svg",
        "https://cdn.example.org:port/content/templates/a.svg",
        "http://127.0.0.1/x/a.svg",
    ],
)
def test_other_urls_are_refused(url):
    refusal(url)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["..", "%2e%2e", "%2E.", ".", "/", "\\", "%5c", "%2f", "a", "@", ":", "//", "?", "#", "%25", "\t"]
        ),
        max_size=8,
    )
)
def test_no_spelling_of_a_url_is_outside_of_the_prefix(parts):
    try:
        resolved = ALLOWED.resolve("".join(parts))
    except Rejected:
        return
    assert resolved.startswith(f"{PREFIX}/")
    path = resolved.split("?")[0]
    assert ".." not in path.split("/")
    assert "\\" not in path
    assert canonical_url(resolved) == resolved


def test_a_folder_is_converted_to_a_file_url(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for value in (str(tmp_path / "my templates"), "my templates", f"file://{tmp_path}/my%20templates/"):
        allowed = parse_allow_list([value], None)
        assert allowed.prefixes == (f"{tmp_path.as_uri()}/my%20templates/",)
        assert allowed.resolve("a.svg") == f"{tmp_path.as_uri()}/my%20templates/a.svg"


NAMES = ("50% off", "50%20off", "a b", "#1?v=2", "पत्र", "a;b:c@d&e", "%", ".hidden", "a..b")


@pytest.mark.parametrize("name", NAMES)
def test_a_path_is_not_decoded_and_a_file_url_is_decoded_once(name):
    url = f"file:///templates/{quote(name)}"
    for value in (f"/templates/{name}", url):
        allowed = parse_allow_list([value], None)
        assert allowed.prefixes == (f"{url}/",)
        resolved = allowed.resolve(quote(name))
        assert unquote(urlsplit(resolved).path) == f"/templates/{name}/{name}"
        assert allowed.resolve(resolved) == resolved


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1))
def test_the_url_of_a_file_is_canonical_or_is_refused(name):
    try:
        url = canonical_url(Path("/t", name).as_uri())
    except ValueError:
        assert "%" in name or name == ".."
        return
    assert Path(unquote(urlsplit(url).path)) == Path("/t", name)
    assert canonical_url(url) == url


def test_parents_of_a_folder_are_resolved_as_by_the_operating_system(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    (tmp_path / "far" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "deep")
    monkeypatch.chdir(tmp_path / "work")
    for value, folder in (
        ("..", tmp_path),
        ("../templates", tmp_path / "templates"),
        ("../work/../templates/2026", tmp_path / "templates" / "2026"),
        ("../link/../templates", tmp_path / "far" / "templates"),
        # Templates may be named by the link.
        ("../link", tmp_path / "link"),
    ):
        assert parse_allow_list([value], None).prefixes == (f"{folder.as_uri()}/",)


def test_the_root_of_a_server_is_a_prefix():
    assert (
        parse_allow_list(["https://cdn.example.org"], None).resolve("a.svg")
        == "https://cdn.example.org/a.svg"
    )


def test_relative_urls_are_resolved_against_the_base():
    allowed = parse_allow_list([PREFIX, "https://other.example/t"], "https://other.example/t/base")
    assert allowed.resolve("a.svg") == "https://other.example/t/base/a.svg"
    assert allowed.resolve(f"{PREFIX}/a.svg") == f"{PREFIX}/a.svg"


def test_a_base_outside_of_the_prefixes_is_refused():
    with pytest.raises(FlagError, match="below one"):
        parse_allow_list([PREFIX], "https://evil.example/t")


@pytest.mark.parametrize(
    "value",
    [
        "https://",
        "https://user@host/x",
        "https://host/%2e%2e/x",
        "https://host/x?y",
        "file://host/x",
    ],
)
def test_a_value_that_is_not_a_prefix_is_refused_with_its_flag(value):
    with pytest.raises(FlagError, match=r"^--template_allow=") as error:
        parse_allow_list([value], None)
    assert error.value.value == value


def test_at_least_one_prefix_is_needed():
    with pytest.raises(FlagError, match="at least one"):
        parse_allow_list([], None)


def test_a_base_with_an_unknown_scheme_is_refused_with_its_flag():
    with pytest.raises(FlagError, match=r"^--template_base=ftp://x"):
        parse_allow_list([PREFIX], "ftp://x")


@pytest.mark.parametrize("base", ["gs://bucket/t", "s3://bucket/t", "https://cdn.example.org/t"])
@pytest.mark.parametrize("prefix", ["gs://bucket/t", "s3://bucket/t", "https://cdn.example.org/t"])
def test_an_absolute_url_is_resolved_whatever_the_base_is(base, prefix):
    allowed = parse_allow_list([base, prefix], base)
    assert allowed.resolve(f"{prefix}/a.svg") == f"{prefix}/a.svg"


def test_a_base_outside_of_the_prefixes_is_refused_by_its_flag():
    with pytest.raises(FlagError, match=r"^--template_base=https://evil\.example/t") as error:
        parse_allow_list([PREFIX], "https://evil.example/t")
    assert error.value.flag == "template_base"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://cdn.example.org", "https://cdn.example.org/"),
        ("https://cdn.example.org/", "https://cdn.example.org/"),
        ("https://cdn.example.org/a/", "https://cdn.example.org/a/"),
        ("file://localhost/templates/a.svg", "file:///templates/a.svg"),
    ],
)
def test_a_canonical_url_keeps_the_slash_at_its_end_and_names_no_local_host(url, canonical):
    assert canonical_url(url) == canonical


def test_a_per_cent_sign_that_a_server_could_decode_again_is_refused():
    assert "is encoded more than once" in refusal(f"{PREFIX}/50%25.svg")
