"""HTTP calls to the platform's services: retries, errors, circuit breaker."""

import random
import time
from threading import Barrier, Lock

import httpx
import pytest

from certbeam.foundation.errors import Unavailable
from certbeam.io.clients.circuit_breaker import CircuitBreaker
from certbeam.io.clients.http_service import HttpService, ServiceResponse
from certbeam.tests.io.web import Web

OK = (200, {"result": {"a": 1}})
PATIENT = 20.0


def call(web, *, idempotent):
    try:
        return web.service.post("/x", {"b": 2}, idempotent=idempotent)
    finally:
        web.service.close()


@pytest.mark.parametrize(
    "failure",
    [
        *(httpx.ConnectError(""), httpx.ConnectTimeout(""), httpx.PoolTimeout("")),
        *((429, {}), (503, {})),
    ],
    ids=repr,
)
def test_a_request_that_was_not_handled_is_retried(failure):
    web = Web(failure, failure, OK, retry_seconds=PATIENT)
    assert call(web, idempotent=False).result == {"a": 1}
    assert web.requests == [("POST", "/x", {"b": 2})] * 3


UNKNOWN = [httpx.ReadTimeout(""), httpx.ReadError(""), (500, {}), (502, {}), (200, b"no JSON")]


@pytest.mark.parametrize("failure", UNKNOWN, ids=repr)
def test_a_request_that_may_have_had_an_effect_is_not_retried(failure):
    web = Web(failure, OK, retry_seconds=PATIENT)
    with pytest.raises(Unavailable) as error:
        call(web, idempotent=False)
    assert error.value.code == "registry-unavailable"
    assert len(web.requests) == 1


@pytest.mark.parametrize("failure", UNKNOWN, ids=repr)
def test_an_idempotent_request_is_retried(failure):
    web = Web(failure, OK, retry_seconds=PATIENT)
    assert call(web, idempotent=True).ok
    assert len(web.requests) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_client_errors_are_returned(status):
    web = Web((status, {"params": {"err": "X"}}), retry_seconds=PATIENT)
    response = call(web, idempotent=True)
    assert (response.ok, response.status, response.body) == (False, status, {"params": {"err": "X"}})
    assert web.service.refused(response).code == "registry-refused"
    assert len(web.requests) == 1


def test_retries_end():
    web = Web((503, {}), retry_seconds=0.2)
    with pytest.raises(Unavailable, match="answered 503"):
        call(web, idempotent=True)


def test_a_service_is_not_called_after_ten_failures():
    web = Web((503, {}))
    for _ in range(30):
        with pytest.raises(Unavailable):
            web.service.get("/x")
    assert len(web.requests) == 10
    web.service.close()


def test_successes_between_failures_keep_the_circuit_closed():
    web = Web(*[(503, {}), OK] * 30, OK)
    for _ in range(30):
        with pytest.raises(Unavailable):
            web.service.get("/x")
        assert web.service.get("/x").ok
    assert len(web.requests) == 60
    web.service.close()


@pytest.mark.parametrize("body", [{}, [], {"result": []}, 7])
def test_an_answer_without_a_result_has_none(body):
    assert ServiceResponse(200, body, "").result == {}


def test_requests_have_the_url_of_the_service_and_its_api_key():
    seen: list[httpx.Request] = []
    web = Web(OK)
    web.service._client.event_hooks = {"request": [seen.append]}
    web.service.get("/a/b")
    web.service.delete("/c")
    web.service.close()
    assert [str(request.url) for request in seen] == [
        "https://service.example.org/api/a/b",
        "https://service.example.org/api/c",
    ]
    assert [request.headers["authorization"] for request in seen] == ["hush", "hush"]
    assert seen[0].headers["content-type"] == "application/json"


READS = {
    "get": lambda service: service.get("/x"),
    "get_text": lambda service: service.get_text("/x"),
    "delete": lambda service: service.delete("/x"),
}


@pytest.mark.parametrize("send", READS.values(), ids=READS)
@pytest.mark.parametrize("failure", UNKNOWN[:4], ids=repr)
def test_reads_and_deletions_may_be_repeated(send, failure):
    web = Web(failure, OK, retry_seconds=PATIENT)
    assert send(web.service).ok
    assert len(web.requests) == 2
    web.service.close()


@pytest.mark.parametrize(
    ("send", "method"), [(READS["get"], "GET"), (READS["get_text"], "GET"), (READS["delete"], "DELETE")]
)
def test_reads_and_deletions_have_their_method_and_no_body(send, method):
    sizes: list[int] = []
    web = Web(OK)
    web.service._client.event_hooks = {"request": [lambda request: sizes.append(len(request.content))]}
    send(web.service)
    web.service.close()
    assert sizes == [0]
    assert web.requests == [(method, "/x", None)]


def test_a_request_that_the_circuit_breaker_held_back_is_retried_although_it_is_not_idempotent():
    web = Web((503, {}), OK, retry_seconds=0.0)
    web.service._breaker = CircuitBreaker(most_failures=1, open_seconds=0.05)
    with pytest.raises(Unavailable):
        web.service.post("/x", {}, idempotent=False)
    with pytest.raises(Unavailable, match="is down"):
        web.service.post("/x", {}, idempotent=False)
    assert len(web.requests) == 1
    web.service._retry_seconds = PATIENT
    assert call(web, idempotent=False).ok


def test_an_error_that_is_not_a_failure_of_the_service_is_raised_at_once():
    web = Web(ValueError("a mistake of the program"), OK, retry_seconds=PATIENT)
    with pytest.raises(ValueError, match="a mistake of the program"):
        call(web, idempotent=True)
    assert len(web.requests) == 1


@pytest.mark.parametrize(("status", "content"), [(404, b"<html>"), (400, b""), (200, b""), (204, b"")])
def test_an_error_page_and_an_empty_answer_have_no_json_and_are_returned(status, content):
    web = Web((status, content), retry_seconds=PATIENT)
    answer = call(web, idempotent=True)
    assert (answer.status, answer.body, answer.text) == (status, {}, content.decode())
    assert len(web.requests) == 1


def test_a_closed_service_sends_nothing():
    web = Web(OK)
    web.service.close()
    with pytest.raises(RuntimeError):
        web.service.get("/x")
    with pytest.raises(RuntimeError):
        web.service.map_or_errors(str, ["x"])
    assert web.requests == []


def test_the_back_off_between_attempts_doubles_and_is_bounded(monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda _low, high: high)
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    web = Web(*[(429, {})] * 8, OK, retry_seconds=PATIENT)
    assert call(web, idempotent=False).ok
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3, 3, 3])


def test_ten_calls_are_in_flight_at_most():
    """Ten calls must meet at the barrier; an eleventh that ran beside them would be counted."""
    web = Web(OK)
    barrier, lock = Barrier(10), Lock()
    running, most = 0, 0

    def call_with_others(_item):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        barrier.wait(20)
        with lock:
            running -= 1
        barrier.wait(20)

    web.service.map_or_errors(call_with_others, range(30))
    web.service.close()
    assert most == 10


def test_a_call_has_ten_seconds_a_connection_three_and_all_attempts_thirty():
    service = HttpService("registry", "https://service.example.org")
    assert service._client.timeout == httpx.Timeout(10.0, connect=3.0)
    assert service._retry_seconds == 30.0
    service.close()
