"""Requests to the feed and notification APIs."""

from typing import Any

import httpx

from certbeam.io.notices.notification_apis import NoticeApis
from certbeam.issuing.notices import Notices
from certbeam.tests.io.web import Web

FEED, EMAIL, SMS = ({"request": {"kind": kind}} for kind in ("feed", "email", "sms"))
ALL = Notices("c-1", FEED, EMAIL, SMS)
OK: tuple[int, dict[str, Any]] = (200, {})
LOST = httpx.ReadTimeout("")
_FEED, _NOTIFICATION = "/private/user/feed/v1/create", "/v2/notification"


def send(notices, *answers):
    web = Web(*answers, name="notices", retry_seconds=20.0)
    apis = NoticeApis(web.service)
    (error,) = apis.send([notices])
    apis.close()
    return error, [(path, body) for _, path, body in web.requests]


def test_feed_email_and_sms_are_sent_in_this_order():
    error, sent = send(ALL, OK)
    assert error is None
    assert sent == [(_FEED, FEED), (_NOTIFICATION, EMAIL), (_NOTIFICATION, SMS)]


def test_absent_notices_are_not_sent():
    assert send(Notices("c-1", FEED, None, None), OK)[1] == [(_FEED, FEED)]


def test_no_sms_is_sent_after_a_failed_email():
    error, sent = send(ALL, OK, (400, {}))
    assert error.code == "notices-refused"
    assert sent == [(_FEED, FEED), (_NOTIFICATION, EMAIL)]


def test_email_and_sms_are_sent_after_a_failed_feed():
    error, sent = send(ALL, (403, {}), OK)
    assert error.reason == "the notices service answered 403"
    assert len(sent) == 3


def test_a_request_with_a_lost_response_is_not_repeated():
    error, sent = send(ALL, LOST, OK)
    assert error.code == "notices-unavailable"
    assert [path for path, _ in sent] == [_FEED, _NOTIFICATION, _NOTIFICATION]
