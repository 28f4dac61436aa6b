"""Servers that are reached by TLS and a log-in: who is vouched for comes in, who is not is told why not."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from certbeam.credentials.claims import DeadLetter
from certbeam.credentials.errors import Unavailable
from certbeam.credentials.learning import BatchKey
from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.kafka_broker import LOGIN_MODULE, KafkaBroker
from certbeam.io.adapters import load_learning, open_learning
from certbeam.pipelines.cli import main
from certbeam.tests.integration.authority import Authority
from certbeam.tests.integration.topics import put, take_all

PASSWORD = "not to be told"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for neither server."""
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def node(authority: Authority) -> Iterator[CassandraNode]:
    node = CassandraNode(passwords=True, tls=authority.server())
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture
def broker(authority: Authority) -> Iterator[KafkaBroker]:
    broker = KafkaBroker(tls=authority.server(), password=PASSWORD)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


def test_cassandra(
    node: CassandraNode,
    authority: Authority,
    stranger: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("CERTBEAM_PASSWORD", "cassandra")
    address = f"{node.keyspace('tls')}?user=cassandra&password_env=CERTBEAM_PASSWORD"
    (tmp_path / "lms.json").write_text('{"course_batch": [{"courseid": "c", "batchid": "b"}]}')
    trusted = f"{address}&tls={authority.certificate}"
    load_learning(tmp_path / "lms.json", trusted)
    records = open_learning(trusted)
    assert records.batch_templates({BatchKey("c", "b")}) == {BatchKey("c", "b"): {}}
    records.close()
    for tls in (str(stranger.certificate), "system"):
        with pytest.raises(Unavailable, match="certificate verify failed"):
            open_learning(f"{address}&tls={tls}")
    with pytest.raises(Unavailable, match="reset"):
        open_learning(address)


def test_kafka_by_a_replay_from_topic_to_topic(
    broker: KafkaBroker, authority: Authority, stranger: Authority, expansion_service: str, tmp_path: Path
):
    letters, again = broker.topic("letters"), broker.topic("again")
    event = {"mid": "m", "edata": {"batchId": "batch-1", "userIds": ["u-1"]}}
    made = [DeadLetter(one, "certbeam-issue", "S", "c", "e", {}).line() for one in (event, b"not\njson")]
    put(letters, ((b"key", value) for value in (*made, b"no letter")))
    (tmp_path / "jaas").write_text(f'{LOGIN_MODULE} required username="certbeam" password="{PASSWORD}";')

    def replay(trusted: Authority) -> Result:
        options = (
            "security.protocol=SASL_SSL&sasl.mechanism=PLAIN"
            f"&sasl.jaas.config_file={tmp_path / 'jaas'}"
            f"&ssl.truststore.type=PEM&ssl.truststore.location={trusted.certificate}"
        )
        source, target = (f"{broker.secure_uri}/{name}?{options}" for name in ("letters", "again"))
        flags = ["--max_num_records=3", f"--expansion_service={expansion_service}"]
        return CliRunner().invoke(main, ["replay", source, f"--output={target}", *flags])

    done, refused = replay(authority), replay(stranger)
    assert "2 events written" in done.output
    assert "1 messages are no dead letters" in done.output
    assert "unable to find valid certification path" in refused.output
    assert len(refused.output) < 500
    assert (done.exit_code, refused.exit_code) == (1, 1)
    assert set(take_all(again)) == {(b"batch-1", orjson.dumps(event)), (b"", b"not json")}
    assert PASSWORD not in done.output + refused.output
