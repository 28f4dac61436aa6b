"""ParseEvents: claims from events, and dead letters for other messages."""

import pickle

import apache_beam as beam
import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.issuing.dead_letter import restore_original_message
from certbeam.stages.event_parsing import make_dead_letter, parse_generate_claims, parse_issue_claims
from certbeam.tests.support import (
    SOURCE,
    as_record,
    counters,
    generate_event,
    issue_event,
    run_to_lists,
)
from certbeam.transforms.parse_events import ParseEvents

DEEP = b'{"a":' * 300 + b"1" + b"}" * 300


def test_every_user_of_an_issue_event_makes_a_claim():
    found = parse_issue_claims(as_record(issue_event("u-1", "u-2", "u-1")))
    assert [one.claim.user_id for one in found] == ["u-1", "u-2"]
    assert [one.claim.event for one in found] == [issue_event("u-1"), issue_event("u-2")]


def test_entries_that_are_not_user_ids_are_kept_in_the_failed_claim():
    found = parse_issue_claims(as_record(issue_event(userIds=["u-1", 1.5, None])))
    assert [one.claim.user_id for one in found] == ["u-1", None]
    assert [one.claim.event["edata"]["userIds"] for one in found] == [["u-1"], [1.5, None]]


@pytest.mark.parametrize(
    ("claims_of", "event"), [(parse_issue_claims, issue_event), (parse_generate_claims, generate_event)]
)
def test_the_size_of_a_claim_does_not_depend_on_the_number_of_users(claims_of, event):
    def weight(count):
        found = claims_of(as_record(event(*(f"u-{number:04}" for number in range(count)))))
        return len(pickle.dumps(found[-1]))

    assert weight(1000) == weight(1)


def test_every_recipient_of_a_generate_event_makes_a_claim():
    found = parse_generate_claims(as_record(generate_event("u-1", "u-2")))
    assert [one.claim.user_id for one in found] == ["u-1", "u-2"]
    assert [len(one.claim.event["edata"]["data"]) for one in found] == [1, 1]


@pytest.mark.parametrize(
    "value", [b"not json", b"[1]", DEEP, b'{"edata": {"action": "other"}}', b'{"failInfo": 1}']
)
def test_an_invalid_message_is_restored_from_its_dead_letter(value):
    letter = make_dead_letter(as_record(value), job="issue", error=Rejected(ErrorCode.USER_MISSING, "Why."))
    again = restore_original_message(letter.serialise())
    assert again == value or orjson.loads(again) == orjson.loads(value)
    line = orjson.loads(letter.serialise())
    assert line["jobName"] == "certbeam-issue"
    assert line["failInfo"] == {
        "stage": "ParseEvents",
        "errorCode": "user-missing",
        "error": "Why.",
        "source": SOURCE,
    }


def test_valid_and_invalid_messages_are_separated_and_counted(platform):
    records = [
        as_record(issue_event("u-1", "u-2")),
        as_record(b"not json"),
        as_record(b"[]"),
        as_record(DEEP),
        as_record(issue_event(action="other")),
        as_record(issue_event(batchId="")),
        as_record(issue_event("u-3")),
    ]
    pipeline = Pipeline()
    outputs = pipeline | beam.Create(records) | ParseEvents("issue", platform.settings())
    assert_that(
        outputs.main | "users" >> beam.Map(lambda one: one.claim.user_id),
        equal_to(["u-1", "u-2", "u-3"]),
        "onward",
    )
    assert_that(
        outputs.dead_letters | "codes" >> beam.Map(lambda one: one.code),
        equal_to(["not-json", "not-an-object", "not-json", "other-action", "no-batch"]),
        "dead letters",
    )
    assert_that(outputs.outcomes, equal_to([]), "outcomes")
    result = pipeline.run()
    result.wait_until_finish()
    assert counters(result) == {
        "events:read": 7,
        "dead-letter:not-json": 2,
        "dead-letter:not-an-object": 1,
        "dead-letter:other-action": 1,
        "dead-letter:no-batch": 1,
    }


@pytest.mark.parametrize(("job", "event"), [("issue", issue_event), ("generate", generate_event)])
def test_a_user_id_that_is_too_long_does_not_affect_the_others(platform, job, event):
    long = "u" * 900_000
    found, counted = run_to_lists(
        [as_record(event("u-1", long, "u-2"))], ParseEvents(job, platform.settings())
    )
    assert sorted(one.claim.user_id for one in found.main) == ["u-1", "u-2"]
    (outcome,), (letter,) = found.outcomes, found.dead_letters
    assert (outcome.verdict, outcome.code, outcome.claim.user_id) == ("failed", "id-too-long", long)
    assert (letter.code, letter.stage, letter.shares_event) == ("id-too-long", "ParseEvents", True)
    assert letter.event == event(long)
    assert "900,000 characters" in outcome.reason
    assert counted == {"events:read": 1, "outcome:failed": 1, "dead-letter:id-too-long": 1}


def test_generate_events_are_parsed_by_the_same_stage(platform):
    found, _ = run_to_lists(
        [as_record(generate_event("u-1", "u-2")), as_record(generate_event(data=[]))],
        ParseEvents("generate", platform.settings()),
    )
    assert sorted(one.claim.user_id for one in found.main) == ["u-1", "u-2"]
    assert [(one.code, one.job_name) for one in found.dead_letters] == [
        ("field-missing", "certbeam-generate")
    ]
