"""Report and Announce: lines and their keys."""

from dataclasses import replace

import apache_beam as beam
import orjson
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from certbeam.foundation.errors import Rejected
from certbeam.issuing.audit_event import audit_event
from certbeam.issuing.dead_letter import DeadLetter, failed
from certbeam.issuing.outcome import Outcome
from certbeam.stages.messages import audit_messages, dead_letter_message, outcome_message
from certbeam.tests.support import SOURCE, asked, issue_event, issued
from certbeam.transforms.announce import Announce
from certbeam.transforms.report import Report
from certbeam.transforms.stage import StageOutputs

CLAIM = asked(issue_event())[0].claim


def test_messages_stand_under_the_batch():
    outcome, letter = failed(CLAIM, stage="IssueEnrich", error=Rejected("code", "Why."))
    assert outcome_message(outcome) == (b"batch-1", outcome.line())
    assert dead_letter_message(letter) == (b"batch-1", letter.line())


def test_a_message_that_is_no_event_has_no_key():
    letter = DeadLetter(b"x", "job", "ParseEvents", "not-json", "Why.", SOURCE)
    assert dead_letter_message(letter)[0] == b""


def test_an_audit_event_stands_under_its_certificate():
    outcome = issued()
    ((key, value),) = audit_messages(outcome, again=False)
    assert key == outcome.certificate_id.encode()
    assert orjson.loads(value) == audit_event(outcome)


def test_only_what_the_event_itself_has_issued_is_announced_and_on_demand_again():
    made, held = issued(), replace(issued(), verdict="already-issued")
    anothers = replace(held, issued_at=None)
    assert len([*audit_messages(made, again=False)]) == 1
    assert [*audit_messages(held, again=False)] == []
    assert [*audit_messages(held, again=True)] == [*audit_messages(made, again=True)]
    assert [*audit_messages(anothers, again=True)] == []


def test_outcomes_dead_letters_and_audit_events_become_messages():
    outcome = Outcome(CLAIM, "issued", "issued", "Why.", "id-1")
    _, letter = failed(CLAIM, stage="IssueEnrich", error=Rejected("code", "Why."))
    with Pipeline() as pipeline:
        made = [
            pipeline | str(number) >> beam.Create(one)
            for number, one in enumerate(([1], [outcome], [letter]))
        ]
        messages = StageOutputs(*made) | Report()
        assert_that(messages["outcomes"], equal_to([outcome_message(outcome)]), "outcomes")
        assert_that(messages["dead_letters"], equal_to([dead_letter_message(letter)]), "dead letters")
        announced = pipeline | "announced" >> beam.Create([outcome, issued()]) | Announce(again=False)
        assert_that(announced, equal_to([*audit_messages(issued(), again=False)]), "audit")
