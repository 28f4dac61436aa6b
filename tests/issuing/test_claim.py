"""Claims, outcome lines, dead letters, and the events restored from them."""

import base64
from collections.abc import Mapping

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import MAX_TEXT
from certbeam.io.limits import LEAST_MESSAGE_BYTES
from certbeam.issuing.claim import Claim
from certbeam.issuing.dead_letter import DeadLetter, fail_claim, restore_original_message
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.tests.support import SOURCE, generate_event, issue_event

NAMES = st.sampled_from(["raw", "jobName", "failInfo", "edata", "mid"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=5
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.dictionaries(NAMES, JSON, max_size=4)


def claim(event, **changes):
    parts = {"mid": "m", "batch_id": "b", "course_id": "c", "user_id": "u-2", **changes}
    return Claim("issue", event, SOURCE, **parts)


def letter(event):
    return DeadLetter(
        event, "certbeam-issue", "IssueEnrich", ErrorCode.USER_MISSING, "user u-2 is not known", SOURCE
    )


def test_an_outcome_line_has_eight_members():
    line = Outcome(
        claim({}, template_id="t"), "issued", ReasonCode.ISSUED, "certificate X", "id-1"
    ).serialise()
    assert orjson.loads(line) == {
        "outcome": "issued",
        "reason": "certificate X",
        "mid": "m",
        "batchId": "b",
        "courseId": "c",
        "userId": "u-2",
        "templateId": "t",
        "certificateId": "id-1",
    }


def test_unknown_values_of_an_outcome_are_null():
    unknown = claim({}, mid=None, batch_id="", course_id="", user_id=None)
    line = orjson.loads(Outcome(unknown, "failed", ErrorCode.USER_MISSING, "y").serialise())
    assert [name for name, value in line.items() if value is None] == [
        "mid",
        "batchId",
        "courseId",
        "userId",
        "templateId",
        "certificateId",
    ]


@pytest.mark.parametrize("name", ["mid", "batch_id", "course_id", "user_id", "template_id"])
def test_a_long_text_of_an_outcome_is_cut_and_listed_as_truncated(name):
    member = {"mid": "mid", "template_id": "templateId"}.get(name, name.replace("_id", "Id"))
    whole = orjson.loads(Outcome(claim({}), "failed", ErrorCode.USER_MISSING, "y").serialise())
    line = orjson.loads(
        Outcome(claim({}, **{name: "ü" * 900_000}), "failed", ErrorCode.USER_MISSING, "y").serialise()
    )
    assert line == {**whole, member: "ü" * 1023 + "…", "truncated": [member]}


def test_the_reason_and_the_certificate_id_are_cut_too():
    line = orjson.loads(Outcome(claim({}), "issued", ReasonCode.ISSUED, "r" * 5000, "i" * 1025).serialise())
    assert line["truncated"] == ["reason", "certificateId"]
    assert line["certificateId"] == "i" * 1023 + "…"


def test_a_line_of_texts_of_allowed_length_is_not_cut():
    long = claim({}, mid="m" * 1024, batch_id="b" * 1024, course_id="c" * 1024, user_id="u" * 1024)
    line = orjson.loads(
        Outcome(long.narrow_to_template("t" * 1024), "failed", ErrorCode.USER_MISSING, "r" * 500).serialise()
    )
    assert "truncated" not in line
    assert line["userId"] == "u" * 1024


def test_the_longest_outcome_fits_into_the_smallest_message_limit():
    longest = "\x01" * 100_000
    names = ("mid", "batch_id", "course_id", "user_id", "template_id")
    outcome = Outcome(
        claim({}, **dict.fromkeys(names, longest)), "failed", ErrorCode.USER_MISSING, longest, longest
    )
    assert len(outcome.serialise()) + 4 * MAX_TEXT < LEAST_MESSAGE_BYTES


def test_an_issue_event_is_narrowed_to_its_template():
    event = issue_event("u-2", extra="kept")
    narrowed = claim(event).narrow_to_template("t-9").narrow_event()
    assert narrowed == {**event, "edata": {**event["edata"], "templateId": "t-9"}}
    assert event == issue_event("u-2", extra="kept")


def test_a_claim_shares_its_event_with_other_users_or_other_templates():
    for users, templates, expected in ((False, False, False), (True, False, True), (False, True, True)):
        one = claim(issue_event("u-2"), shares_event=users).narrow_to_template("t", shares_event=templates)
        assert (
            fail_claim(one, stage="S", error=Rejected(ErrorCode.USER_MISSING, "Why."))[1].shares_event
            is expected
        )


def test_an_issue_event_is_not_narrowed_before_its_template_is_known():
    assert claim(issue_event("u-2")).narrow_event() == issue_event("u-2")


def test_a_generate_event_is_not_narrowed_to_a_template():
    event = generate_event("u-2")
    assert Claim("generate", event, SOURCE, "m", "b", "c", "u-2", "t").narrow_event() == event


def test_a_failed_claim_has_an_outcome_and_a_dead_letter_with_the_same_error():
    outcome, dead = fail_claim(
        claim(issue_event("u-2")).narrow_to_template("t-9"),
        stage="IssueEnrich",
        error=Rejected(ErrorCode.USER_MISSING, "Why."),
    )
    assert (outcome.verdict, outcome.code, outcome.reason) == ("failed", "user-missing", "Why.")
    assert (dead.job_name, dead.stage, dead.code, dead.error, dead.key) == (
        "certbeam-issue",
        "IssueEnrich",
        "user-missing",
        "Why.",
        "b",
    )
    assert dead.source == SOURCE
    assert isinstance(dead.event, Mapping)
    assert dead.event["edata"]["templateId"] == "t-9"


def test_a_dead_letter_has_the_event_its_job_and_its_error():
    event = issue_event("u-2")
    assert orjson.loads(letter(event).serialise()) == {
        **event,
        "jobName": "certbeam-issue",
        "failInfo": {
            "stage": "IssueEnrich",
            "errorCode": "user-missing",
            "error": "user u-2 is not known",
            "source": SOURCE,
        },
    }


def test_a_message_that_is_not_an_event_is_the_member_raw():
    line = orjson.loads(letter(b"\xff not json").serialise())
    assert base64.b64decode(line["raw"]) == b"\xff not json"
    assert set(line) == {"raw", "jobName", "failInfo"}


@settings(max_examples=200, deadline=None)
@given(EVENTS)
def test_every_event_is_restored_from_its_dead_letter(event):
    assert orjson.loads(restore_original_message(letter(event).serialise())) == event


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=64))
def test_all_bytes_are_restored_from_their_dead_letter(value):
    assert restore_original_message(letter(value).serialise()) == value


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b"1",
        b"null",
        b'{"edata": {}}',
        b'{"jobName": "x"}',
        b'{"failInfo": {}}',
        b'{"jobName": "x", "failInfo": "no object", "edata": {}}',
        b'{"jobName": "x", "failInfo": {}, "raw": "not base64!"}',
        b'{"jobName": "x", "failInfo": {}, "raw": "e!A=="}',
        b'{"jobName": "x", "failInfo": {}, "raw": 7}',
        b'{"jobName": "x", "failInfo": {}, "raw": null}',
    ],
)
def test_a_line_that_is_not_a_dead_letter_is_rejected(line):
    with pytest.raises(Rejected) as error:
        restore_original_message(line)
    assert error.value.code == "not-a-dead-letter"


@pytest.mark.parametrize("info", [b'"text"', b"[]", b"7", b"null"])
def test_a_line_whose_fail_info_is_not_an_object_is_rejected_for_that_reason(info):
    line = b'{"jobName": "x", "failInfo": ' + info + b', "edata": {}}'
    with pytest.raises(Rejected, match="failInfo is not an object") as error:
        restore_original_message(line)
    assert error.value.code == "not-a-dead-letter"
