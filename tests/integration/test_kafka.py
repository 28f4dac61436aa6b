"""The pipelines from topic to topic, on a real broker, with the expansion service of ``make jars``."""

import json
from collections import Counter
from pathlib import Path

import orjson
from click.testing import CliRunner

from certbeam.credentials.claims import DeadLetter
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.io.learning.load import load_records
from certbeam.pipelines.cli import main
from certbeam.tests.integration.runs import EXAMPLES, run
from certbeam.tests.integration.topics import put, take_all


def test_issue_from_topic_to_topics(kafka_broker: KafkaBroker, expansion_service: str, tmp_path: Path):
    load_records(EXAMPLES / "lms.json", tmp_path / "lms.db")
    events = (EXAMPLES / "issue-events.jsonl").read_bytes().splitlines()
    names = ("input", "outcomes", "dead_letters", "audit")
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


def test_dead_letters_are_replayed_from_topic_to_topic(kafka_broker: KafkaBroker, expansion_service: str):
    letters, again = kafka_broker.topic("replay-letters"), kafka_broker.topic("replay-again")
    event = {"mid": "m", "edata": {"batchId": "batch-1", "userIds": ["u-1"]}}
    made = [DeadLetter(one, "certbeam-issue", "S", "c", "e", {}).line() for one in (event, b"not\njson")]
    put(letters, ((b"key", value) for value in (*made, b"no letter")))
    flags = ["--max_num_records=3", f"--expansion_service={expansion_service}"]
    result = CliRunner().invoke(main, ["replay", letters, f"--output={again}", *flags])
    assert "2 events written" in result.output
    assert "1 messages are no dead letters" in result.output
    assert result.exit_code == 1
    assert set(take_all(again)) == {(b"batch-1", orjson.dumps(event)), (b"", b"not json")}
