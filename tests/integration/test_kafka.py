"""The pipelines from topic to topic, on a real broker, with the expansion service of ``make jars``."""

import json
from collections import Counter
from pathlib import Path

from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.io.learning.load import load_records
from certbeam.tests.integration.runs import EXAMPLES, run
from certbeam.tests.integration.topics import put, take_all


def test_issue_from_topic_to_topics(kafka_broker: KafkaBroker, expansion_service: str, tmp_path: Path):
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
    assert sorted(message.key for message in take_all(topics["notify"])) == sorted(
        message.key for message in audit
    )
