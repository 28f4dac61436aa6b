"""A day of a Sunbird deployment, with ``enrich`` and ``generate`` in place of its two Flink jobs.

Between them is a Kafka topic. Rows are in a Cassandra node, and the learner, content, registry and notification
services are HTTP servers.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cassandra.cluster import Cluster

from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.io.port_table import LEARNING_TABLES
from certbeam.tests.integration.platform_server import PlatformServer
from certbeam.tests.integration.runs import EXAMPLES, lines, run
from certbeam.tests.integration.topics import put, take_all
from certbeam.tests.support import present

ISSUE, GENERATE, AUDIT = (
    "dev.issue.certificate.request",
    "dev.generate.certificate.request",
    "dev.telemetry.raw",
)


@pytest.fixture
def learning(new_keyspace: Callable[[], str], platform: PlatformServer, tmp_path: Path) -> str:
    """Records of the demo: batches and enrolments in Cassandra, users and courses behind their APIs."""
    records = json.loads((EXAMPLES / "lms.json").read_text())
    for user in records.pop("users"):
        platform.state.put("user", user["id"], user)
    for content in records.pop("courses"):
        platform.state.put("content", content["identifier"], content)
    source = tmp_path / "lms.json"
    source.write_text(json.dumps(records))
    address = new_keyspace()
    LEARNING_TABLES.open(address)(source)
    return address


def test_readers_find_the_certificates_of_a_day(
    kafka_broker: KafkaBroker,
    cassandra_node: CassandraNode,
    expansion_service: str,
    platform: PlatformServer,
    learning: str,
    tmp_path: Path,
):
    issue, generate, audit = (kafka_broker.topic(name, partitions=2) for name in (ISSUE, GENERATE, AUDIT))
    failed = kafka_broker.topic("dev.issue.certificate.failed", partitions=2)
    events = (EXAMPLES / "issue-events.jsonl").read_bytes().splitlines()
    put(issue, ((b"batch", event) for event in events))
    common = {"lms": learning, "expansion_service": expansion_service}

    enriched = run(
        "enrich",
        {
            **common,
            "input": issue,
            "max_num_records": str(len(events)),
            "users": platform.url,
            "courses": platform.url,
            "requests_output": generate,
            "dead_letters": failed,
            "outcomes": str(tmp_path / "enrich-outcomes"),
        },
    )
    requested = enriched.counted("outcome")["requested"]
    requests = take_all(generate)
    assert len(requests) == requested > 0
    assert {present(message.key).decode() for message in requests} <= {
        json.loads(message.value)["edata"]["related"]["batchId"] for message in requests
    }
    assert len(take_all(failed)) == sum(enriched.counted("dead-letter").values())

    made = run(
        "generate",
        {
            **common,
            "input": generate,
            "max_num_records": str(requested),
            "storage": str(tmp_path / "certs"),
            "registry": f"certreg+{platform.url}",
            "audit": audit,
            "dead_letters": str(tmp_path / "dead_letters"),
            "outcomes": str(tmp_path / "outcomes"),
        },
    )
    issued = [one for one in lines(str(tmp_path / "outcomes")) if one["outcome"] in ("issued", "reissued")]
    assert (
        len(issued)
        == made.counted("outcome").get("issued", 0) + made.counted("outcome").get("reissued", 0)
        > 0
    )
    audited = {json.loads(message.value)["object"]["id"] for message in take_all(audit)}
    assert audited == {one["certificateId"] for one in issued}

    with Cluster(["127.0.0.1"], port=cassandra_node.port) as cluster:
        session = cluster.connect(learning.rpartition("/")[2])
        for outcome in issued:
            # The learner's profile lists what stands on the enrolment.
            row = session.execute(
                "SELECT issued_certificates FROM user_enrolments WHERE userid=%s AND courseid=%s AND batchid=%s",
                (outcome["userId"], outcome["courseId"], outcome["batchId"]),
            ).one()
            (listed,) = (
                one for one in row.issued_certificates if one["identifier"] == outcome["certificateId"]
            )
            assert listed.keys() >= {"identifier", "name", "token", "lastIssuedOn"}
            # Whoever is shown a certificate validates it by its id and access code …
            registered = platform.state.get("certreg", outcome["certificateId"])
            assert registered["accessCode"] == listed["token"]
            assert registered["jsonData"]["recipient"]["identity"] == outcome["userId"]
            assert registered["related"]["batchId"] == outcome["batchId"]
            # … and the download service answers with the printUri of what stands at its jsonUrl.
            name = registered["jsonUrl"].partition("/certs/")[2]
            stored = json.loads((tmp_path / "certs" / name).read_bytes())
            assert stored["printUri"].startswith("data:image/svg+xml,")
