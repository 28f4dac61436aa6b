"""Report and Announce: messages and their keys."""

import hashlib
from dataclasses import replace

import apache_beam as beam
import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import FixedWindows, TimestampedValue

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.storage.folder import FolderStorage
from certbeam.issuing.audit_event import build_audit_event
from certbeam.issuing.dead_letter import DeadLetter, fail_claim, restore_original_message
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.large_letters import make_large_letters
from certbeam.stages.large_messages import LargeMessages, StoredMessages
from certbeam.stages.messages import audit_messages, dead_letter_message, outcome_message
from certbeam.tests.support import SOURCE, Watched, claims_of, issue_event, issued, put_port, run_to_lists
from certbeam.transforms.announce import Announce
from certbeam.transforms.report import Report, _DeadLetterFn
from certbeam.transforms.stage import StageOutputs

CLAIM = claims_of(issue_event())[0].claim


def test_messages_have_the_batch_as_key():
    outcome, letter = fail_claim(CLAIM, stage="IssueEnrich", error=Rejected(ErrorCode.USER_MISSING, "Why."))
    assert outcome_message(outcome) == (b"batch-1", outcome.serialise())
    assert dead_letter_message(letter) == (b"batch-1", letter.serialise())


def test_the_dead_letter_of_a_message_that_is_not_an_event_has_no_key():
    letter = DeadLetter(b"x", "job", "ParseEvents", ErrorCode.NOT_JSON, "Why.", SOURCE)
    assert dead_letter_message(letter)[0] == b""


def test_an_audit_event_has_its_certificate_id_as_key():
    outcome = issued()
    ((key, value),) = audit_messages(outcome, again=False)
    assert key == outcome.certificate_id.encode()
    assert orjson.loads(value) == build_audit_event(outcome)


def test_only_certificates_issued_by_the_event_have_audit_events():
    made, held = issued(), replace(issued(), verdict="already-issued")
    of_another_event = replace(held, issued_at=None)
    assert len([*audit_messages(made, again=False)]) == 1
    assert [*audit_messages(held, again=False)] == []
    assert [*audit_messages(held, again=True)] == [*audit_messages(made, again=True)]
    assert [*audit_messages(of_another_event, again=True)] == []


def test_outcomes_dead_letters_and_audit_events_become_messages(platform):
    outcome = Outcome(CLAIM, "issued", ReasonCode.ISSUED, "Why.", "id-1")
    _, letter = fail_claim(CLAIM, stage="IssueEnrich", error=Rejected(ErrorCode.USER_MISSING, "Why."))
    with Pipeline() as pipeline:
        made = [
            pipeline | str(number) >> beam.Create(one)
            for number, one in enumerate(([1], [outcome], [letter]))
        ]
        messages = StageOutputs(*made) | Report("IssueEnrich", platform.settings())
        assert_that(messages["outcomes"], equal_to([outcome_message(outcome)]), "outcomes")
        assert_that(messages["dead_letters"], equal_to([dead_letter_message(letter)]), "dead letters")
        announced = pipeline | "announced" >> beam.Create([outcome, issued()]) | Announce(again=False)
        assert_that(announced, equal_to([*audit_messages(issued(), again=False)]), "audit")


# Large dead letters ------------------------------------------------------------------------------------------


def dead_letters(event, *users):
    """A dead letter for each user of an event."""
    for one in claims_of(event):
        if not users or one.claim.user_id in users:
            yield fail_claim(one.claim, stage="IssueEnrich", error=Rejected(ErrorCode.USER_MISSING, "Why."))[
                1
            ]


def reported(letters, platform, **settings):
    """Return the lines that Report makes from dead letters, in any order, and its counters."""
    found, counted = run_to_lists(list(letters), _Letters(platform.settings(**settings)))
    return found.main, counted


class _Letters(beam.PTransform):
    """Outputs the dead letters of Report as main output."""

    def __init__(self, settings):
        super().__init__()
        self._settings = settings

    def expand(self, letters):
        none = letters | "none" >> beam.FlatMap(lambda _: ()).with_output_types(Outcome)
        messages = StageOutputs(none, none, letters) | Report("IssueEnrich", self._settings)
        return StageOutputs(messages["dead_letters"], none, none)


def restored(lines, platform):
    stored = StoredMessages(str(platform.large_messages))
    return [restore_original_message(line, stored.fetch) for _, line in lines]


def test_dead_letters_within_the_limit_are_not_changed(platform):
    letters = [*dead_letters(issue_event(padding="x" * 500_000)), whole := DeadLetter(b"x" * 700_000, *REST)]
    lines, counted = reported(letters, platform)
    assert sorted(lines) == sorted(dead_letter_message(letter) for letter in letters)
    assert len(whole.serialise()) > 900_000
    assert counted == {}
    assert not platform.large_messages.exists()


REST = ("certbeam-issue", "ParseEvents", ErrorCode.NOT_JSON, "Why.", SOURCE)


@pytest.mark.parametrize("event", [b"x" * 900_000, issue_event(padding="x" * 1_000_000)])
def test_a_dead_letter_above_the_limit_is_cut_and_its_event_is_stored(platform, event):
    (lines), counted = reported([DeadLetter(event, *REST)], platform)
    ((key, line),) = lines
    assert len(key) + len(line) < 4096
    assert restored(lines, platform) == [event if isinstance(event, bytes) else orjson.dumps(event)]
    assert counted == {"large-letter:cut": 1}


def test_the_limit_includes_the_key_and_is_exact(platform):
    (letter,) = dead_letters(issue_event(padding="x" * 70_000))
    size = len(b"batch-1") + len(letter.serialise())
    for bound, cut in ((size, {}), (size - 1, {"large-letter:cut": 1})):
        lines, counted = reported([letter], platform, max_message_bytes=bound)
        assert counted == cut
        assert [orjson.loads(one) for one in restored(lines, platform)] == [letter.event]


def test_the_dead_letters_of_one_event_share_one_stored_event(platform):
    users = [f"{number:04}-0000-0000" for number in range(3000)]
    event = issue_event(*users, padding="x" * 78_000)
    assert 120_000 < len(orjson.dumps(event)) < 130_000
    letters = [*dead_letters(event)]
    with platform.worker() as worker:
        lines = [one.message for one in make_large_letters(letters, worker)]
    assert sum(len(key) + len(line) for key, line in lines) < 3_000_000
    (stored,) = platform.large_messages.iterdir()
    assert stored.stat().st_size < len(orjson.dumps(event))
    assert restored(lines, platform) == [
        orjson.dumps(issue_event(user, padding="x" * 78_000)) for user in users
    ]


def test_small_dead_letters_of_an_event_with_several_users_are_not_changed(platform):
    letters = [*dead_letters(issue_event("u-1", "u-2", padding="x" * 1000))]
    lines, counted = reported(letters, platform)
    assert sorted(lines) == sorted(map(dead_letter_message, letters))
    assert counted == {}


def test_large_dead_letters_keep_their_timestamp_and_window(platform):
    pipeline = Pipeline()
    letters = [*dead_letters(issue_event("u-1", "u-2", padding="x" * 9000))]
    windowed = (
        pipeline
        | beam.Create(list(enumerate(letters)), reshuffle=False)
        | beam.MapTuple(lambda at, one: TimestampedValue(one, 7 + 10 * at)).with_output_types(DeadLetter)
        | beam.WindowInto(FixedWindows(10))
    )
    found = (windowed | _Letters(platform.settings())).main | beam.ParDo(WithTimes())
    assert_that(found, equal_to([("u-1", 7, 0), ("u-2", 17, 10)]))
    pipeline.run().wait_until_finish()


class WithTimes(beam.DoFn):
    def process(self, message, timestamp=beam.DoFn.TimestampParam, window=beam.DoFn.WindowParam):
        yield orjson.loads(message[1])["edata"]["userIds"][0], int(timestamp), int(window.start)


@pytest.fixture
def store_is_down(platform):
    """Write a file in place of the folder of the store."""
    platform.large_messages.write_text("x")


@pytest.mark.usefixtures("store_is_down")
def test_without_the_store_a_dead_letter_within_the_limit_is_complete(platform, caplog):
    with platform.worker() as worker:
        put_port(worker, "large_messages", LargeMessages(FolderStorage(platform.large_messages)))
        letters = [*dead_letters(issue_event("u-1", "u-2", padding="x" * 9000))]
        lines, counted = reported(letters, platform)
    assert sorted(lines) == sorted(map(dead_letter_message, letters))
    assert counted == {"large-letter:whole": 2}
    assert "large messages cannot be stored, such as" in caplog.text


@pytest.mark.usefixtures("store_is_down")
def test_without_the_store_a_dead_letter_above_the_limit_describes_its_missing_parts(platform):
    # The folder cannot even be opened: an error that no adapter has foreseen.
    event = b"x" * 900_000
    lines, counted = reported([DeadLetter(event, *REST)], platform)
    ((_, line),) = lines
    info = orjson.loads(line)["failInfo"]
    (lacking,) = info["large"]
    assert len(line) < 4096
    assert lacking["name"] == hashlib.sha256(event).hexdigest() + ".bin"
    assert (lacking["bytes"], lacking["head"]) == (900_000, "x" * 200)
    assert "FlagError" in lacking["notStored"]
    assert info["source"] == SOURCE
    assert counted == {"large-letter:not-stored": 1}


def test_a_dead_letter_is_restored_with_a_part_that_another_one_stored(platform):
    letters = [*dead_letters(issue_event("u-1", "u-2", padding="x" * 9000))]
    (first, _), (line, _) = (cut(one) for one in letters)
    assert [part.name for part in letters[0].cut().parts] == [part.name for part in letters[1].cut().parts]
    LargeMessages(FolderStorage(platform.large_messages)).put(letters[0].cut().parts)
    assert restored([(b"", first), (b"", line)], platform) == [orjson.dumps(one.event) for one in letters]


def cut(letter):
    """Return the line of a dead letter whose parts could not be stored, and the parts."""
    parts = letter.cut()
    return letter.serialise_cut(parts, {part.name: "no answer" for part in parts.parts}), parts


def test_large_dead_letters_are_buffered_up_to_16_megabytes_or_a_batch(platform):
    for size, count, together in ((1_000_000, 26, [13, 13]), (1_300_000, 12, [10, 2]), (800_000, 10, [5, 5])):
        settings = platform.settings(batch_size=5 if size == 800_000 else 100, max_message_bytes=700_000)
        made = _DeadLetterFn("IssueEnrich", settings)
        made.setup()
        watched = Watched(FolderStorage(platform.large_messages))
        put_port(made.worker, "large_messages", LargeMessages(watched))
        made.start_bundle()
        letters = [DeadLetter(bytes([number]) * size, *REST) for number in range(count)]
        found = [line for one in letters for line in made.process(one, 0, None)]
        found += made.finish_bundle()
        made.teardown()
        assert len(found) == count
        assert [len(call[1]) for call in watched.calls if call[0] == "put"] == together


def test_dead_letters_of_a_failed_bundle_are_discarded(platform):
    made = _DeadLetterFn("IssueEnrich", platform.settings())
    assert [*made.process(DeadLetter(b"x" * 900_000, *REST), 0, None)] == []
    made.start_bundle()
    assert [*made.finish_bundle()] == []
