"""The pipelines from topic to topic, on a real broker, with the expansion service of ``make jars``."""

import json
from collections import Counter
from pathlib import Path

import pytest

from certbeam.deploy.services.java import thin_jar
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.io.adapters import prepare_sink
from certbeam.io.learning.load import load_records
from certbeam.pipelines.beam_options import beam_options
from certbeam.pipelines.flags import complete
from certbeam.pipelines.runner import Summary, run_pipeline
from certbeam.pipelines.settings import check_ports, job_settings
from certbeam.tests.integration.topics import put, take_all

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def expansion_service() -> str:
    return str(thin_jar("expansion", "org.apache.beam.sdk.expansion.service.ExpansionService"))


def run(pipeline: str, flags: dict[str, str]) -> Summary:
    settings = job_settings(pipeline, complete(pipeline, flags, {}))
    check_ports(settings)
    for flag, address in settings.sinks.items():
        prepare_sink(flag, address)
    return run_pipeline(settings, beam_options([], known=[]), progress=False)


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
