"""Replay: messages of dead letters, and records that are not dead letters."""

import apache_beam as beam
import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from certbeam.foundation.error_codes import ErrorCode
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.port_table import LARGE_MESSAGES
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.record import Record
from certbeam.stages.large_messages import LargeMessages
from certbeam.tests.support import SOURCE, counters, issue_event
from certbeam.transforms.replay import Replay, messages


def letter(event):
    return Record(
        DeadLetter(event, "certbeam-issue", "ParseEvents", ErrorCode.NOT_JSON, "Why.", SOURCE).serialise(),
        SOURCE,
    )


def test_events_are_restored_with_their_batch_as_key():
    (message,) = messages(letter(issue_event()))
    assert message == (b"batch-1", orjson.dumps(issue_event()))


@pytest.mark.parametrize(
    "event", [b"not json", b"[1,\n2]", {"edata": {}}, {"edata": 1}, {"edata": {"batchId": 7}}]
)
def test_a_message_without_a_batch_has_no_key(event):
    ((key, value),) = messages(letter(event))
    assert key == b""
    assert value == (event.replace(b"\n", b" ") if isinstance(event, bytes) else orjson.dumps(event))


def test_a_record_that_is_not_a_dead_letter_is_skipped_and_counted():
    pipeline = Pipeline()
    records = pipeline | beam.Create([letter(b"x"), Record(b"not json", SOURCE), Record(b"", SOURCE)])
    assert_that(records | Replay("out/large_messages", MAX_MESSAGE_BYTES), equal_to([(b"", b"x")]))
    result = pipeline.run()
    result.wait_until_finish()
    assert counters(result) == {"replay:events": 1, "replay:refused": 2}


def cut_letter(event, store=None, own=()):
    """Return a dead letter that refers to its event. The event is written to the store, if one is given."""
    made = DeadLetter(event, "certbeam-issue", "ParseEvents", ErrorCode.NOT_JSON, "Why.", SOURCE, own=own)
    cut = made.cut()
    if store:
        assert store.put(cut.parts) == {}
    return Record(made.serialise_cut(cut, {}), SOURCE)


def test_stored_parts_are_read_and_a_missing_part_is_refused(tmp_path, caplog):
    address = str(tmp_path / "large")
    store = LargeMessages(LARGE_MESSAGES.open(address))
    event = issue_event("u-1", padding="x" * 50_000)
    there = cut_letter(event, store, ("userIds",))
    missing = Record(cut_letter(b"y" * 5000).value, {"file": "letters.jsonl", "line": 9})
    pipeline = Pipeline()
    records = pipeline | beam.Create([missing, there, letter(b"x")])
    replayed = records | Replay(address, MAX_MESSAGE_BYTES)
    assert_that(replayed, equal_to([(b"batch-1", orjson.dumps(event)), (b"", b"x")]))
    result = pipeline.run()
    result.wait_until_finish()
    assert counters(result) == {"replay:events": 2, "replay:refused": 1}
    (told,) = [one for one in caplog.messages if "letters.jsonl" in one]
    assert "'line': 9" in told
    assert f"cannot be read from {address} (storage-missing): give the --large_messages" in told
    assert "the message was read from {'file': 'events.jsonl', 'line': 7}" in told


def test_a_message_above_the_limit_is_refused(caplog):
    event = issue_event(padding="x" * 1000)
    size = len(b"batch-1") + len(orjson.dumps(event))
    assert len([*messages(letter(event), max_message_bytes=size)]) == 1
    assert [*messages(letter(event), max_message_bytes=size - 1)] == []
    assert f"the message has {size:,} bytes" in caplog.text


def test_an_id_that_is_too_long_is_not_used_as_key():
    for length, key in ((1024, b"b" * 1024), (1025, b"")):
        ((found, _),) = messages(letter(issue_event(batchId="b" * length)))
        assert found == key
