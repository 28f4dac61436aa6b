"""Very large messages and values: outputs stay within their limit, and a replay restores every event."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from click.testing import CliRunner

from certbeam.io.events.kafka_topics import DEFAULTS
from certbeam.io.limits import LEAST_MESSAGE_BYTES
from certbeam.io.port_table import AUDIT
from certbeam.issuing.dead_letter import restore_original_message
from certbeam.pipelines import assembly
from certbeam.pipelines.catalogue import build
from certbeam.pipelines.cli.main import main
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.stages.large_messages import StoredMessages
from certbeam.tests.pipelines.test_assembly import SINKS, lines, run, verdicts
from certbeam.tests.support import (
    Platform,
    batch_row,
    counters,
    generate_event,
    issue_event,
    small_platform,
    template_row,
    user_row,
)

NOT_JSON = b"\xfe" * 900_000


def sizes(platform, sink):
    """Return the bytes of each line of a sink."""
    files = (platform.folder / sink).glob("*.jsonl")
    return [len(line) for file in files for line in file.read_bytes().splitlines()]


def restored(platform):
    """Return the messages of all dead letters, sorted."""
    stored = StoredMessages(str(platform.large_messages))
    return sorted(
        restore_original_message(orjson.dumps(one), stored.fetch) for one in lines(platform, "dead_letters")
    )


def codes(platform):
    return sorted(one["failInfo"]["errorCode"] for one in lines(platform, "dead_letters"))


def test_a_large_message_that_is_not_json_makes_one_small_dead_letter(platform):
    platform.load(small_platform("u-1", "u-2"))
    counted = run(platform, "issue", [issue_event("u-1"), NOT_JSON, issue_event("u-2")])
    assert verdicts(platform) == {"issued": 2}
    (letter,) = lines(platform, "dead_letters")
    assert letter["failInfo"]["errorCode"] == "not-json"
    assert letter["failInfo"]["source"]["line"] == 2
    assert max(sizes(platform, "dead_letters")) < 4096
    assert restored(platform) == [NOT_JSON]
    assert counted["large-letter:cut"] == counted["dead-letter:not-json"] == 1


def test_the_dead_letters_of_3000_unknown_users_share_one_stored_event(platform):
    users = [f"{number:08}" for number in range(3000)]
    event = issue_event(*users, padding="x" * 93_000)
    assert 125_000 < len(orjson.dumps(event)) < 127_000
    platform.load({**small_platform(), "user_enrolments": enrolments(users)})
    counted = run(platform, "issue", [event])
    assert verdicts(platform) == {"failed": 3000}
    assert set(codes(platform)) == {"user-missing"}
    assert sum(sizes(platform, "dead_letters")) < 3_000_000
    (stored,) = platform.large_messages.iterdir()
    assert stored.stat().st_size < 127_000
    assert counted["large-letter:cut"] == 3000
    narrowed = (issue_event(user, padding="x" * 93_000, templateId="tpl-1") for user in users)
    assert restored(platform) == sorted(map(orjson.dumps, narrowed))


def enrolments(users):
    return [{**row, "userid": user} for user in users for row in small_platform()["user_enrolments"]]


@pytest.mark.parametrize("name", ["issue", "enrich", "generate"])
def test_very_long_ids_and_values_keep_every_output_within_the_smallest_limit(tmp_path, name):
    long = "é" * 500_000
    event = generate_event if name == "generate" else issue_event
    related = {"courseId": "do_1", "batchId": long}
    events = [
        event("u-1"),
        event("u-1", long, "u-2"),
        event("u-1", related=related) if name == "generate" else event("u-1", batchId=long),
        {**event("u-1"), "mid": long},
        event("u-1", templateId=long),
        event("u-1", **{f"member {number}": number for number in range(50_000)}),
        orjson.dumps(event("u-1")).replace(b"}", b"", 1),
        {"x" * 500_000: long},
    ]
    platform = Platform(tmp_path).load(small_platform("u-1", "u-2"))
    platform.add_template("plain.svg")
    run(platform, name, events, max_message_bytes=LEAST_MESSAGE_BYTES)
    for sink in SINKS[name]:
        assert max(sizes(platform, sink), default=0) < LEAST_MESSAGE_BYTES
    failed = [one for one in lines(platform, "outcomes") if one["outcome"] == "failed"]
    assert [one["truncated"] for one in failed] == [["userId"]]
    assert codes(platform).count("id-too-long") == 4
    assert len(codes(platform)) == 6
    told = "requested" if name == "enrich" else "issued"
    # The wide event is as good as any; the third and fourth good ones name a learner who holds the certificate.
    assert verdicts(platform)[told] == (4 if name == "enrich" else 2)
    messages = (
        one if isinstance(one, bytes) else orjson.dumps(one)
        for one in [event(long), *events[2:5], *events[6:]]
    )
    assert restored(platform) == sorted(messages)


def test_a_very_long_name_of_a_template_is_cut_in_the_outcome(platform):
    platform.load(small_platform("u-1", templates=[template_row(name="N" * 90_000)]))
    run(platform, "enrich", [issue_event("u-1")])
    (outcome,) = lines(platform, "outcomes")
    assert outcome["truncated"] == ["reason"]
    assert outcome["reason"] == ("certificate " + "N" * 90_000)[:1023] + "…"


def test_only_the_claim_of_a_generate_event_above_the_limit_fails(platform):
    platform.load(
        small_platform("u-1", templates=[template_row("small"), template_row("large", name="N" * 90_000)])
    )
    run(platform, "enrich", [issue_event("u-1")], max_message_bytes=LEAST_MESSAGE_BYTES)
    assert verdicts(platform) == {"requested": 1, "failed": 1}
    assert codes(platform) == ["event-too-large"]
    assert restored(platform) == [orjson.dumps(issue_event("u-1", templateId="large"))]
    assert max(sizes(platform, "requests_output")) <= LEAST_MESSAGE_BYTES


def test_the_dead_letters_of_many_templates_share_one_stored_event(platform):
    templates = [template_row(f"t-{number}", url="missing.svg") for number in range(20)]
    platform.load({**small_platform("u-1"), "course_batch": [batch_row(*templates)]})
    run(platform, "issue", [issue_event("u-1", padding="x" * 100_000)])
    assert verdicts(platform) == {"failed": 20}
    assert sum(sizes(platform, "dead_letters")) < 40_000
    assert len([*platform.large_messages.iterdir()]) == 1


def test_certificates_are_issued_if_the_store_of_large_messages_fails(platform):
    store = platform.folder / "down"
    store.mkdir(mode=0o500)
    (store / "below").write_text("a file where a folder should be")
    platform.load(small_platform("u-1"))
    counted = run(
        *(platform, "issue", [NOT_JSON, issue_event("u-1")]), large_messages=str(store / "below" / "folder")
    )
    assert verdicts(platform) == {"issued": 1}
    (letter,) = lines(platform, "dead_letters")
    (lacking,) = letter["failInfo"]["large"]
    assert lacking["bytes"] == 900_000
    assert "cannot be written" in lacking["notStored"]
    assert letter["failInfo"]["source"]["line"] == 1
    assert counted["large-letter:not-stored"] == 1


def test_a_notice_above_the_limit_is_counted_and_the_certificate_is_issued(platform, caplog, monkeypatch):
    # A topic needs Java when a pipeline is built.
    monkeypatch.setitem(assembly._SINKS, "notify", replace(AUDIT, flag="notify"))
    look = template_row(notifyTemplate=orjson.dumps({"subject": "s" * 70_000}).decode())
    tables = small_platform("u-1", templates=[look])
    platform.load({**tables, "users": [user_row("u-1", maskedPhone="**34")]})
    source = platform.folder / "issue.jsonl"
    source.write_bytes(orjson.dumps(issue_event("u-1")))
    sinks = {sink: str(platform.folder / sink) for sink in (*SINKS["issue"], "notify")}
    settings = platform.settings(max_message_bytes=LEAST_MESSAGE_BYTES)
    pipeline = Pipeline()
    build(pipeline, JobSettings("issue", str(source), sinks, settings, DEFAULTS, max_inflight=2000))
    result = pipeline.run()
    result.wait_until_finish()
    assert verdicts(platform) == {"issued": 1}
    assert [one["kind"] for one in lines(platform, "notify")] == ["feed"]
    assert counters(result)["notice-failed:notice-too-large"] == 2
    assert "no email notice of certificate" in caplog.text
    assert "ssss" not in caplog.text


# Replay ------------------------------------------------------------------------------------------------------


def replay(platform, *flags: str):
    again = platform.folder / "again.jsonl"
    arguments = ["replay", str(platform.folder / "dead_letters"), f"--output={again}", *flags]
    return CliRunner().invoke(main, arguments), again


def test_replayed_events_are_restored_and_issued(platform):
    users = ["u-8", "u-9"]
    event = issue_event(*users, padding="x" * 50_000)
    platform.load({**small_platform(), "user_enrolments": enrolments(users)})
    run(platform, "issue", [event, NOT_JSON])
    done, again = replay(platform, f"--large_messages={platform.large_messages}")
    assert (done.exit_code, "3 events written" in done.output) == (0, True)
    events = again.read_bytes().splitlines()
    narrowed = [issue_event(user, padding="x" * 50_000, templateId="tpl-1") for user in users]
    assert sorted(events) == sorted([*map(orjson.dumps, narrowed), NOT_JSON])
    platform.load(small_platform(*users))
    run(platform, "issue", events)
    assert verdicts(platform) == {"issued": 2}
    assert codes(platform) == ["not-json"]


def test_a_dead_letter_whose_event_is_missing_is_reported_and_the_others_are_replayed(platform):
    platform.load({**small_platform(), "user_enrolments": enrolments(["u-9"])})
    run(platform, "issue", [NOT_JSON, issue_event("u-9"), b"x" * 800_000])
    missing = Path(max(platform.large_messages.iterdir(), key=lambda file: file.stat().st_size))
    missing.unlink()
    done, again = replay(platform, f"--large_messages={platform.large_messages}")
    assert done.exit_code == 1
    assert "2 events written" in done.output
    assert "1 messages are refused" in done.output
    (told,) = [line for line in done.output.splitlines() if missing.name in line]
    assert ".jsonl, line " in told
    assert "give the --large_messages of the run that wrote this dead letter" in told
    assert sorted(map(len, again.read_bytes().splitlines())) == [
        len(orjson.dumps(issue_event("u-9", templateId="tpl-1"))),
        800_000,
    ]


def test_a_replay_of_complete_dead_letters_needs_no_store(platform, monkeypatch):
    monkeypatch.chdir(platform.folder)
    run(platform, "issue", [issue_event("u-1", batchId="unknown")])
    done, _ = replay(platform)
    assert done.exit_code == 0
    assert not (platform.folder / "out").exists()


def test_an_invalid_address_of_the_store_is_rejected_before_the_replay(platform):
    run(platform, "issue", [issue_event("u-1", batchId="unknown")])
    done, again = replay(platform, "--large_messages=gopher://x")
    assert done.exit_code == 2
    assert "--large_messages=gopher://x: unknown scheme" in done.output
    assert not again.exists()
