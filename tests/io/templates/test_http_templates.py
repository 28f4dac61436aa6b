"""Templates over HTTP, beyond the contract of :class:`TemplateSource`."""

import random
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import tenacity

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.template_sources import AllowedSource
from certbeam.io.templates import http_templates as http
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.http_templates import HttpTemplates
from certbeam.io.templates.limits import MAX_BYTES, check_size
from certbeam.io.templates.public_addresses import PublicTransport
from certbeam.tests.support import opener, serving


@pytest.fixture
def site(tmp_path):
    made = serving(tmp_path)
    yield made
    made.close()


@pytest.fixture
def open_source():
    def open_one(*prefixes):
        web = HttpTemplates(PublicTransport())
        web._retrying.wait = tenacity.wait_none()
        return AllowedSource(parse_allow_list(prefixes, None), {"http": web})

    yield from opener(open_one)


def refusal(source, url):
    with pytest.raises(Rejected) as error:
        source.fetch(url)
    return error.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(site, open_source, tmp_path, status):
    (tmp_path / "secret.svg").write_bytes(b"secret")
    site.answers["/t/a.svg"] = [(status, {"Location": f"{site.url}/secret.svg"}, b"")]
    error = refusal(open_source(f"{site.url}/t"), "a.svg")
    assert error.code == "template-refused"
    assert site.asked == ["/t/a.svg"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 204])
def test_another_status_is_rejected_at_once(site, open_source, status):
    site.answers["/t/a.svg"] = [(status, {}, b"")]
    error = refusal(open_source(f"{site.url}/t"), "a.svg")
    assert error.code == "template-missing"
    assert str(status) in error.reason
    assert len(site.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_transient_error_is_retried(site, open_source, status):
    site.answers["/t/a.svg"] = [(status, {}, b""), (status, {}, b""), (200, {"ETag": "v"}, b"<svg/>")]
    fetched = open_source(f"{site.url}/t").fetch("a.svg")
    assert (fetched.body, fetched.version) == (b"<svg/>", "v")
    assert len(site.asked) == 3


def test_a_lasting_error_is_unavailable_after_four_attempts(site, open_source):
    site.answers["/t/a.svg"] = [(503, {}, b"")]
    error = refusal(open_source(f"{site.url}/t"), "a.svg")
    assert isinstance(error, Unavailable)
    assert error.code == "template-unavailable"
    assert len(site.asked) == 4


def test_a_missing_server_is_unavailable(site, open_source):
    site.close()
    assert isinstance(refusal(open_source(f"{site.url}/t"), "a.svg"), Unavailable)


def test_a_response_that_cannot_be_decompressed_is_unavailable(site, open_source):
    site.answers["/t/a.svg"] = [(200, {"Content-Encoding": "gzip"}, b"this is not compressed")]
    assert refusal(open_source(f"{site.url}/t"), "a.svg").code == "template-unavailable"


def test_a_response_that_is_too_large_is_rejected(site, open_source):
    site.answers["/t/a.svg"] = [(200, {"Content-Length": str(100 * MAX_BYTES)}, bytes(MAX_BYTES + 1))]
    assert refusal(open_source(f"{site.url}/t"), "a.svg").code == "template-too-large"


def test_a_file_of_more_than_16_mib_is_rejected():
    check_size("a.svg", 16_777_216)
    with pytest.raises(Rejected, match="is larger than 16 MiB") as error:
        check_size("a.svg", 16_777_217)
    assert error.value.code == "template-too-large"


def test_a_slow_response_is_abandoned_after_20_seconds(monkeypatch):
    clock = SimpleNamespace(now=0.0)

    def drops():
        for _ in range(30):
            clock.now += 1.0
            yield b" "

    class SlowTransport(PublicTransport):
        def handle_request(self, _request):
            return httpx.Response(200, content=drops())

    monkeypatch.setattr(http, "time", SimpleNamespace(monotonic=lambda: clock.now))
    web = HttpTemplates(SlowTransport())
    web._retrying.stop = tenacity.stop_after_attempt(1)
    with pytest.raises(Unavailable, match="took longer than 20 s"):
        web.fetch("http://templates.example/a.svg")
    assert clock.now == 21.0
    web.close()


def test_a_response_without_an_etag_has_no_version(site, open_source):
    site.answers["/t/a.svg"] = [(200, {"Content-Type": "image/svg+xml"}, b"<svg/>")]
    fetched = open_source(f"{site.url}/t").fetch("a.svg")
    assert (fetched.body, fetched.version) == (b"<svg/>", "")


def test_nothing_outside_of_the_prefix_reaches_the_server(site, open_source):
    source = open_source(f"{site.url}/t")
    for path in ("/t/../secret.svg", "/t/%2e%2e/secret.svg", "/t-others/a.svg", "/secret.svg"):
        assert refusal(source, site.url + path).code == "template-refused"
    assert site.asked == []


def test_closing_closes_the_sources_of_all_schemes():
    closed = []
    allowed = parse_allow_list(["https://cdn.example.org/t", "gs://bucket/t"], None)
    sources = {
        scheme: SimpleNamespace(close=lambda scheme=scheme: closed.append(scheme))
        for scheme in ("https", "gs")
    }
    AllowedSource(allowed, sources).close()
    assert closed == ["https", "gs"]


def test_a_version_is_sent_only_if_one_is_known():
    headers = []

    def respond(request):
        headers.append(request.headers.get("If-None-Match"))
        return httpx.Response(200, content=b"<svg/>")

    transport: Any = httpx.MockTransport(respond)
    web = HttpTemplates(transport)
    web.fetch("http://templates.example/a.svg")
    web.fetch("http://templates.example/a.svg", '"v1"')
    web.close()
    assert headers == [None, '"v1"']


def test_a_closed_source_fetches_nothing():
    transport: Any = httpx.MockTransport(lambda _: httpx.Response(200))
    web = HttpTemplates(transport)
    web.close()
    with pytest.raises(RuntimeError):
        web.fetch("http://templates.example/a.svg")


def test_the_back_off_between_attempts_doubles_and_is_bounded(monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda _low, high: high)
    waits: list[float] = []
    transport: Any = httpx.MockTransport(lambda _: httpx.Response(503))
    web = HttpTemplates(transport)
    web._retrying.sleep = waits.append
    web._retrying.stop = tenacity.stop_after_attempt(8)
    with pytest.raises(Unavailable):
        web.fetch("http://templates.example/a.svg")
    web.close()
    assert waits == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 5, 5])
