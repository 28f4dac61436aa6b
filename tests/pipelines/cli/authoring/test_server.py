"""The server of the page: its routes, its headers and whom it refuses."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from certbeam.artwork.authoring.scenarios import SCENARIOS
from certbeam.tests.pipelines.cli.authoring.pages import TEMPLATE, serve_page, write_template


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serve_page(write_template(folder)) as url:
        yield url


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


@pytest.mark.parametrize(
    ("path", "media_type", "start"),
    [
        ("", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("page.css", "text/css; charset=utf-8", b"/*"),
        ("page.js", "text/javascript; charset=utf-8", b"//"),
        ("state", "application/json", b"{"),
        ("certificate.svg?scenario=latin", "image/svg+xml", b"<svg"),
        ("certificate.png?scenario=latin", "image/png", b"\x89PNG"),
        ("certificate.pdf?scenario=latin", "application/pdf", b"%PDF"),
        ("certificate-pdf.png?scenario=latin", "image/png", b"\x89PNG"),
    ],
)
def test_each_route_has_its_media_type_and_headers(url: str, path: str, media_type: str, start: bytes):
    answer = httpx.get(url + path)
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy or "sandbox" in policy
    assert policy.startswith("default-src 'none';") or path.startswith("certificate.pdf")
    assert "frame-ancestors" in policy


@pytest.mark.parametrize(
    "path",
    [
        "nothing", "page", "page.py", "session.py", "../server.py", "%2e%2e/server.py", "certificate.svg/",
        "certificate.svg", "certificate.svg?scenario=none", "certificate.svg?scenario=own-values", "favicon.ico",
    ],
)  # fmt: skip
def test_an_unknown_path_or_scenario_is_not_found(url: str, path: str):
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", f"/{path}")
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("path", ["", "state", "events", "certificate.svg?scenario=latin", "nothing"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:{port}",
        "",
    ],
)
def test_another_host_is_refused(url: str, path: str, host: str):
    headers = {"Host": host.format(port=port_of(url))}
    answer = httpx.get(url + path, headers=headers)
    assert answer.status_code == 403
    assert answer.text == f"the host is not this server: open {url}\n"


def test_a_request_without_a_host_is_refused(url: str):
    with socket.create_connection(("127.0.0.1", port_of(url))) as connection:
        connection.sendall(b"GET /state HTTP/1.0\r\n\r\n")
        assert connection.makefile("rb").readline().split()[1] == b"403"


def test_this_machine_has_two_names(url: str):
    assert httpx.get(url, headers={"Host": f"localhost:{port_of(url)}"}).status_code == 200


def test_only_loopback_is_bound(url: str):
    assert urlsplit(url).hostname == "127.0.0.1"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port_of(url)))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(url: str, method: str):
    assert httpx.request(method, url).status_code == 501


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_another_origin_cannot_reload(url: str, headers: dict[str, str]):
    before = httpx.get(url + "state").json()["version"]
    assert httpx.post(url + "reload", headers=headers).status_code == 403
    assert httpx.get(url + "state").json()["version"] == before


def test_the_page_can_reload(url: str):
    before = httpx.get(url + "state").json()["version"]
    assert httpx.post(url + "reload", headers={"Origin": url.rstrip("/")}).status_code == 204
    assert httpx.get(url + "state").json()["version"] > before
    assert httpx.post(url + "state", headers={"Origin": url.rstrip("/")}).status_code == 404
    assert httpx.post(url + "reload", headers={"Host": "evil.example"}).status_code == 403


def test_each_scenario_has_a_certificate_or_a_reason(url: str):
    assert {scenario["key"] for scenario in httpx.get(url + "state").json()["scenarios"]} == set(SCENARIOS)
    for scenario in SCENARIOS:
        answer = httpx.get(f"{url}certificate.svg?scenario={scenario}")
        assert answer.status_code == 200 or "no font" in answer.json()["message"], scenario


def test_an_error_is_sent_with_its_line(tmp_path: Path):
    with serve_page(write_template(tmp_path, TEMPLATE.replace("</text>", "", 1))) as url:
        answer = httpx.get(url + "certificate.png?scenario=latin")
    assert answer.status_code == 422
    assert (answer.json()["line"], answer.json()["severity"]) == (3, "error")


def test_a_saved_template_is_an_event(tmp_path: Path):
    template = write_template(tmp_path)
    with serve_page(template) as url, httpx.stream("GET", url + "events", timeout=60) as answer:
        events = (line for line in answer.iter_lines() if line.startswith("data: "))
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert next(events) == f"data: {httpx.get(url + 'state').json()['version']}"
        write_template(tmp_path, TEMPLATE.replace("courseName", "corseName"))
        assert next(events) == f"data: {httpx.get(url + 'state').json()['version']}"
        assert httpx.get(url + "state").json()["findings"][0]["line"] == 4
