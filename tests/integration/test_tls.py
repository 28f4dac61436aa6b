"""Servers with TLS and a log-in: trusted connections succeed, others fail with a reason."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.kafka_broker import LOGIN_MODULES, KafkaBroker
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.port_table import LEARNING, LEARNING_TABLES
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.learning_records import BatchKey
from certbeam.pipelines.cli.main import main
from certbeam.tests.integration.authority import Authority
from certbeam.tests.integration.topics import put, take_all

PASSWORD = "not to be told"
LOOKED_UP_IN_DIRECTORIES = (
    "config.providers=directory"
    "&config.providers.directory.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that signed the certificate of neither server."""
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def node(authority: Authority) -> Iterator[CassandraNode]:
    with CassandraNode(passwords=True, tls=authority.server()) as node:
        yield node


@pytest.fixture
def broker(authority: Authority) -> Iterator[KafkaBroker]:
    with KafkaBroker(tls=authority.server(), password=PASSWORD) as broker:
        yield broker


def test_cassandra_needs_a_trusted_certificate(
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
    LEARNING_TABLES.open(trusted)(tmp_path / "lms.json")
    records = LEARNING.open(trusted)
    assert records.batch_templates({BatchKey("c", "b")}) == {BatchKey("c", "b"): {}}
    records.close()
    for tls in (str(stranger.certificate), "system"):
        with pytest.raises(Unavailable, match="certificate verify failed"):
            LEARNING.open(f"{address}&tls={tls}")
    with pytest.raises(Unavailable, match="reset"):
        LEARNING.open(address)


def test_kafka_needs_a_trusted_certificate_and_a_log_in(
    broker: KafkaBroker, authority: Authority, stranger: Authority, expansion_service: str, tmp_path: Path
):
    letters, again = broker.topic("letters"), broker.topic("again")
    event = {"mid": "m", "edata": {"batchId": "batch-1", "userIds": ["u-1"]}}
    made = [
        DeadLetter(one, "certbeam-issue", "S", ErrorCode.USER_MISSING, "e", {}).serialise()
        for one in (event, b"not\njson")
    ]
    put(letters, ((b"key", value) for value in (*made, b"no letter")))
    wrong = "a guess"

    def login_file(mechanism: str, password: str = PASSWORD) -> Path:
        file = tmp_path / f"{mechanism}-{len(password)}"
        file.write_text(f'{LOGIN_MODULES[mechanism]} required username="certbeam" password="{password}";')
        return file

    def login(mechanism: str, password: str = PASSWORD) -> str:
        return f"sasl.mechanism={mechanism}&sasl.jaas.config_file={login_file(mechanism, password)}"

    def login_by_kafka(mechanism: str) -> str:
        looked_up = f"${{directory:{tmp_path}:{login_file(mechanism).name}}}"
        return f"{LOOKED_UP_IN_DIRECTORIES}&sasl.mechanism={mechanism}&sasl.jaas.config={looked_up}"

    def replay(trusted: Authority, source_login: str) -> Result:
        tls = f"security.protocol=SASL_SSL&ssl.truststore.type=PEM&ssl.truststore.location={trusted.certificate}"
        source = f"{broker.secure_uri}/letters?{tls}&{source_login}"
        target = f"{broker.secure_uri}/again?{tls}&{login_by_kafka('PLAIN')}"
        flags = ["--max_num_records=3", f"--expansion_service={expansion_service}"]
        return CliRunner().invoke(main, ["replay", source, f"--output={target}", *flags])

    done = replay(authority, login("SCRAM-SHA-512"))
    assert "2 events written" in done.output
    assert "1 messages are refused" in done.output
    refusals = {
        "unable to find valid certification path": replay(stranger, login("SCRAM-SHA-512")),
        "invalid credentials with SASL mechanism SCRAM-SHA-512": replay(
            authority, login("SCRAM-SHA-512", wrong)
        ),
    }
    for told, refused in refusals.items():
        *warnings, error = refused.output.splitlines()
        assert told in error
        # On a busy machine Beam warns that it waits for its service.
        assert all("WARNING" in line for line in warnings)
    assert [one.exit_code for one in (done, *refusals.values())] == [1, 1, 1]
    outputs = "".join(one.output for one in (done, *refusals.values()))
    assert PASSWORD not in outputs
    assert wrong not in outputs
    assert set(take_all(again)) == {(b"batch-1", orjson.dumps(event)), (b"", b"not json")}
