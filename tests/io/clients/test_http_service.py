"""HTTP calls to the platform's services: retries, errors, circuit breaker."""

import httpx
import pytest

from certbeam.foundation.errors import Unavailable
from certbeam.io.clients.http_service import ServiceResponse
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
