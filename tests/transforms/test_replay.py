"""Replay: what dead letters become, and what is none."""

import apache_beam as beam
import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.record import Record
from certbeam.tests.support import SOURCE, counters, issue_event
from certbeam.transforms.replay import Replay, messages


def letter(event):
    return Record(DeadLetter(event, "certbeam-issue", "ParseEvents", "bad", "Why.", SOURCE).line(), SOURCE)


def test_events_come_back_under_their_batch():
    (message,) = messages(letter(issue_event()))
    assert message == (b"batch-1", orjson.dumps(issue_event()))


@pytest.mark.parametrize(
    "event", [b"not json", b"[1,\n2]", {"edata": {}}, {"edata": 1}, {"edata": {"batchId": 7}}]
)
def test_what_names_no_batch_has_no_key(event):
    ((key, value),) = messages(letter(event))
    assert key == b""
    assert value == (event.replace(b"\n", b" ") if isinstance(event, bytes) else orjson.dumps(event))


def test_what_is_no_dead_letter_is_left_out_and_counted():
    pipeline = Pipeline()
    records = pipeline | beam.Create([letter(b"x"), Record(b"not json", SOURCE), Record(b"", SOURCE)])
    assert_that(records | Replay(), equal_to([(b"", b"x")]))
    result = pipeline.run()
    result.wait_until_finish()
    assert counters(result) == {"replay:events": 1, "replay:refused": 2}
