"""Requests to the user and content APIs."""

import httpx
import pytest

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.courses.content_api import ContentApi
from certbeam.io.users.user_api import UserApi
from certbeam.tests.io.web import Web

USER = (200, {"result": {"response": {"id": "u-1", "firstName": "Ada", "status": 1}}})


def user(answer, identifier="u-1"):
    web = Web(answer, name="users")
    api = UserApi(web.service)
    found = api.users([identifier])
    api.close()
    return found, web.requests


def test_the_user_id_is_quoted_in_the_path():
    found, requests = user(USER, "../a?b")
    assert found["../a?b"].name == "Ada"
    assert requests == [("GET", "/..%2Fa%3Fb?organisations,roles,locations,declarations,externalIds", None)]


@pytest.mark.parametrize("code", ["UOS_USRRED0006", "USER_ACCOUNT_BLOCKED"])
@pytest.mark.parametrize("status", [400, 403])
def test_a_blocked_account_is_known_by_its_error_code(code, status):
    found, _ = user((status, {"params": {"err": code}}))
    assert found["u-1"].is_blocked


def test_a_blocked_account_is_known_by_the_status_of_its_record():
    assert user((200, {"result": {"response": {"status": 0}}}))[0]["u-1"].is_blocked
    assert not user(USER)[0]["u-1"].is_blocked


@pytest.mark.parametrize(
    "answer",
    [
        (400, {}),
        (404, {"params": {"err": "UOS_USRRED0007", "errmsg": "User is not found"}}),
        (200, {}),
        (200, {"result": {"response": None}}),
    ],
)
def test_an_unknown_user_is_missing(answer):
    assert user(answer)[0] == {}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [((401, {}), Rejected, "users-refused"), (httpx.ReadTimeout(""), Unavailable, "users-unavailable")],
)
def test_other_errors_are_returned_for_the_user(answer, kind, code):
    failed = user(answer)[0]["u-1"]
    assert (type(failed), failed.code) == (kind, code)


def content(answer):
    web = Web(answer, name="content")
    api = ContentApi(web.service)
    found = api.records(["do/1"])
    api.close()
    return found, web.requests


def test_the_content_id_is_quoted_in_the_path():
    record = {"identifier": "do/1", "name": "Water"}
    found, requests = content((200, {"result": {"content": record}}))
    assert found == {"do/1": record}
    assert requests == [("GET", "/do%2F1?fields=identifier,name,contentType", None)]


@pytest.mark.parametrize("answer", [(404, {}), (200, {"result": {}})])
def test_an_unknown_content_is_missing(answer):
    assert content(answer)[0] == {}


def test_other_errors_are_returned_for_the_content():
    assert content((400, {}))[0]["do/1"].code == "content-refused"
