"""Checks that all documents have in common: validity periods, duplicate members, errors without a message."""

import datetime

import pytest

from certbeam.badges import checks
from certbeam.badges.checks import CheckFailed, CheckResult, check_validity, read_document, run_check

NOW = datetime.datetime(2026, 4, 1, 12, 0, 0, tzinfo=datetime.timezone.utc)


@pytest.fixture
def _noon(monkeypatch):
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW.astimezone(tz)

    monkeypatch.setattr(checks, "datetime", Clock)


@pytest.mark.usefixtures("_noon")
@pytest.mark.parametrize(
    ("document", "detail"),
    [
        ({"from": "2026-04-01T12:00:00Z"}, "it is valid and does not expire"),
        (
            {"from": "2026-04-01T12:00:00Z", "to": "2026-04-01T12:00:00Z"},
            "it is valid until 2026-04-01T12:00:00Z",
        ),
        ({}, "it is valid and does not expire"),
    ],
)
def test_the_first_and_the_last_moment_of_a_period_are_within_it(document, detail):
    assert check_validity(document, "from", "to") == detail


@pytest.mark.usefixtures("_noon")
@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"from": "2026-04-01T12:00:01Z"}, "it is not valid before 2026-04-01T12:00:01Z"),
        ({"to": "2026-04-01T11:59:59Z"}, "it expired on 2026-04-01T11:59:59Z"),
    ],
)
def test_a_moment_outside_of_a_period_fails(document, reason):
    with pytest.raises(CheckFailed, match=f"^{reason}$"):
        check_validity(document, "from", "to")


def test_an_error_without_a_message_is_named_by_its_type():
    def fail():
        raise LookupError

    assert run_check("form", fail) == CheckResult("form", passed=False, detail="LookupError")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[]", "it is a JSON list, not an object"),
        (b'{"a": 1, "a": 2}', "an object has two members of the same name"),
        (b'{"b": {"a": 1, "a": 1}}', "an object has two members of the same name"),
    ],
)
def test_a_document_is_one_object_whose_names_are_unique(text, reason):
    with pytest.raises(CheckFailed, match=f"^{reason}"):
        read_document(text)
