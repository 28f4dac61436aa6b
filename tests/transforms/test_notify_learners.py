"""Notices of recorded certificates: recipients, and failures that fail no certificate."""

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.issuing.notices import Notices
from certbeam.tests.support import (
    TEMPLATE,
    certificate,
    is_down,
    put_port,
    run_to_lists,
    small_platform,
    template_row,
    user_row,
    watch,
)
from certbeam.transforms.notify_learners import MakeNotices, SendNotices, notice_messages

LOOK = '{"subject": "Done"}'
NOTICES = Notices("c-1", {"request": {"a": 1}}, {"request": {"b": 2}}, None)


def recorded(*users):
    return [certificate(user) for user in users]


def made(platform, *users):
    found, counted = run_to_lists(recorded(*users), MakeNotices(platform.settings()))
    assert (found.outcomes, found.dead_letters) == ([], [])
    return found.main, counted


def test_notices_follow_the_template_of_the_batch(platform):
    tables = small_platform("u-1", "u-2", templates=[template_row(notifyTemplate=LOOK)])
    tables["users"] = [user_row("u-1", maskedPhone="**34"), user_row("u-2")]
    platform.load(tables)
    found, counted = made(platform, "u-1", "u-2")
    assert [(one.email is not None, one.sms is not None) for one in found] == [(True, True), (True, False)]
    assert found[0].email["request"]["subject"] == "Done"
    assert counted == {}


def test_unknown_users_get_a_feed_entry_and_blocked_users_get_nothing(platform):
    platform.load({"users": [user_row("u-1", status=0)]})
    found, _ = made(platform, "u-1", "u-9")
    assert [(one.feed["request"]["userId"], one.email) for one in found] == [("u-9", None)]


def test_a_failed_look_up_of_one_user_does_not_affect_others(platform, worker):
    error = Rejected(ErrorCode.USERS_REFUSED, "why")
    watch(worker, "users", users=lambda method, ids: {**method(ids), "u-1": error})
    found, counted = made(platform, "u-1", "u-2")
    assert [one.feed["request"]["userId"] for one in found] == ["u-2"]
    assert counted == {"notice-failed:users-refused": 1}


def test_an_invalid_notify_template_is_counted(platform, caplog):
    platform.load(small_platform(templates=[template_row(TEMPLATE, notifyTemplate="{")]))
    assert made(platform, "u-1") == ([], {"notice-failed:template-field": 1})
    assert "notifyTemplate is not JSON" in caplog.text


def test_a_failed_look_up_of_all_users_is_counted_for_each(platform, worker):
    watch(worker, "users", users=is_down)
    assert made(platform, "u-1", "u-2") == ([], {"notice-failed:database-unavailable": 2})


class Board:
    def __init__(self, *answers):
        self._answers = answers

    def send(self, notices):
        return self._answers[: len(notices)]

    def close(self):
        pass


def test_sent_and_failed_notices_are_counted(platform):
    with platform.worker(notices="http://notices.example.org") as worker:
        put_port(worker, "notices", Board(None, Rejected(ErrorCode.NOTICES_REFUSED, "why"), None))
        found, counted = run_to_lists([NOTICES] * 3, SendNotices(worker.settings))
    assert found == ([], [], [])
    assert counted == {"notices:sent": 2, "notice-failed:notices-refused": 1}


def test_messages_name_the_kind_of_the_notice():
    assert [
        (key, orjson.loads(value))
        for key, value in notice_messages(NOTICES, max_message_bytes=MAX_MESSAGE_BYTES)
    ] == [
        (b"c-1", {"kind": "feed", "request": {"a": 1}}),
        (b"c-1", {"kind": "email", "request": {"b": 2}}),
    ]
