"""The pipelines from topic to topic, on a real broker, with the expansion service of ``make jars``."""

import json
from collections import Counter
from pathlib import Path

from click.testing import CliRunner

from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.foundation.error_codes import ErrorCode
from certbeam.io.events.kafka_topics import RECORD_OVERHEAD
from certbeam.io.learning.load import load_records
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.issuing.dead_letter import DeadLetter, restore_original_message
from certbeam.pipelines.cli.main import main
from certbeam.stages.large_messages import StoredMessages
from certbeam.tests.integration.runs import EXAMPLES, run
from certbeam.tests.integration.topics import put, take_all


def test_issue_reads_a_topic_and_writes_topics(
    kafka_broker: KafkaBroker, expansion_service: str, tmp_path: Path
):
    load_records(EXAMPLES / "lms.json", tmp_path / "lms.db")
    events = (EXAMPLES / "issue-events.jsonl").read_bytes().splitlines()
    names = ("input", "outcomes", "dead_letters", "audit", "notify")
    topics = {name: kafka_broker.topic(f"issue-{name}", partitions=2) for name in names}
    put(topics["input"], ((b"key", event) for event in events))
    summary = run(
        "issue",
        {
            **topics,
            "lms": f"sqlite:{tmp_path / 'lms.db'}",
            "registry": f"sqlite:{tmp_path / 'lms.db'}",
            "storage": str(tmp_path / "certs"),
            "max_num_records": str(len(events)),
            "expansion_service": expansion_service,
        },
    )
    outcomes = [json.loads(message.value) for message in take_all(topics["outcomes"])]
    verdicts = Counter(outcome["outcome"] for outcome in outcomes)
    assert dict(verdicts) == summary.counted("outcome")
    letters = [json.loads(message.value) for message in take_all(topics["dead_letters"])]
    sources = [letter["failInfo"]["source"] for letter in letters]
    assert all(source.keys() == {"topic", "partition", "offset"} for source in sources)
    assert {source["topic"] for source in sources} == {"issue-input"}
    assert len(letters) == sum(summary.counted("dead-letter").values())
    audit = take_all(topics["audit"])
    assert all(json.loads(message.value)["object"]["id"].encode() == message.key for message in audit)
    assert len(audit) == verdicts["issued"] + verdicts["reissued"]
    assert Counter(message.key for message in take_all(topics["notify"])) == Counter(
        message.key for message in audit
    )


LARGE = b"\xfe" * 900_000
"""No JSON: whole, its dead letter has 1.2 MB, which neither a producer nor a topic takes by default."""
WHOLE = b"\xff" * 749_500
"""The largest of which the dead letter is whole: it has nearly --max_message_bytes."""
LIMIT = 400_000
"""``max.message.bytes`` of a topic that takes less than others."""


def test_dead_letters_of_very_large_messages_fit_the_topic(
    kafka_broker: KafkaBroker, expansion_service: str, tmp_path: Path
):
    load_records(EXAMPLES / "lms.json", tmp_path / "lms.db")
    (good, *_) = (
        event for event in (EXAMPLES / "issue-events.jsonl").read_bytes().splitlines() if b"trigger" in event
    )
    unknown = {**json.loads(good), "mid": "x" * 100}
    unknown["edata"] |= {"userIds": [f"unknown-{number}" for number in range(300)], "padding": "x" * 90_000}
    events = [LARGE, good, json.dumps(unknown).encode(), WHOLE]
    topics = {
        name: kafka_broker.topic(f"large-{name}") for name in ("input", "outcomes", "dead_letters", "audit")
    }
    put(topics["input"], ((b"", event) for event in events))
    run(
        "issue",
        {
            **topics,
            "lms": f"sqlite:{tmp_path / 'lms.db'}",
            "registry": f"sqlite:{tmp_path / 'lms.db'}",
            "storage": str(tmp_path / "certs"),
            "large_messages": str(tmp_path / "large"),
            "max_num_records": str(len(events)),
            "expansion_service": expansion_service,
        },
    )
    found = take_all(topics["dead_letters"])
    sizes = sorted(len(message.key or b"") + len(message.value) for message in found)
    assert MAX_MESSAGE_BYTES - 1000 < sizes[-1] <= MAX_MESSAGE_BYTES
    assert sizes[-2] < 4096
    stored = StoredMessages(str(tmp_path / "large"))
    restored = {restore_original_message(message.value, stored.fetch) for message in found}
    assert {LARGE, WHOLE} <= restored
    assert len(restored) == len(found)
    verdicts = Counter(json.loads(message.value)["outcome"] for message in take_all(topics["outcomes"]))
    assert verdicts["issued"] == len(take_all(topics["audit"])) > 0


def test_a_smaller_limit_fits_a_topic_with_smaller_messages(
    kafka_broker: KafkaBroker, expansion_service: str, tmp_path: Path
):
    small, large = b"no event", b"\xff" * LIMIT
    letters = [
        DeadLetter(one, "certbeam-issue", "S", ErrorCode.USER_MISSING, "e", {}).serialise()
        for one in (large, small)
    ]
    (tmp_path / "letters.jsonl").write_bytes(b"\n".join(letters))
    topic = kafka_broker.topic("takes-less", config={"max.message.bytes": str(LIMIT)})
    replay = [
        *("replay", str(tmp_path / "letters.jsonl"), f"--output={topic}"),
        f"--expansion_service={expansion_service}",
    ]
    done = CliRunner().invoke(main, [*replay, f"--max_message_bytes={LIMIT - RECORD_OVERHEAD}"])
    assert done.exit_code == 1
    assert "1 events written" in done.output
    assert "1 messages are refused" in done.output
    assert take_all(topic)[-1].value == small
