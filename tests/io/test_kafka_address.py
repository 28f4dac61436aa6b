"""``kafka://`` addresses, parsed without a broker."""

from pathlib import Path
from types import SimpleNamespace

import apache_beam as beam
import pytest

from certbeam.foundation.errors import Unavailable
from certbeam.io.events import kafka_topics as kafka
from certbeam.io.events.kafka_topics import (
    OWN_WORKER,
    KafkaSettings,
    Topic,
    check_expansion_service,
    parse_topic,
    plain_errors,
)
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.port_table import AUDIT
from certbeam.io.uri.address import FlagError, parse_address
from certbeam.issuing.record import Record


def topic(text: str) -> Topic:
    return parse_topic(parse_address("input", text))


def test_an_address_has_brokers_topic_and_group():
    found = topic("kafka://one:9092,two:9092/dev.issue.certificate.request?group=g")
    assert found.name == "dev.issue.certificate.request"
    consumer = found.consumer()
    assert consumer["bootstrap.servers"] == "one:9092,two:9092"
    assert consumer["group.id"] == "g"
    assert consumer["isolation.level"] == "read_committed"
    assert found.producer()["acks"] == "all"


def test_consumers_read_committed_messages_and_producers_wait_for_all_replicas():
    found = topic("kafka://one:9092/t?max.poll.records=7")
    assert found.consumer() == {
        "bootstrap.servers": "one:9092",
        "group.id": "certbeam",
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "enable.auto.commit": "false",
        "max.poll.records": "7",
    }
    assert found.producer() == {
        "bootstrap.servers": "one:9092",
        "acks": "all",
        "enable.idempotence": "true",
        "max.poll.records": "7",
    }


@pytest.mark.parametrize(
    ("bounds", "commits"), [({}, True), ({"max_num_records": 5}, False), ({"max_read_time": 5}, False)]
)
def test_unbounded_reads_commit_offsets_when_a_bundle_is_finalised(monkeypatch, bounds, commits):
    asked = {}

    def read_from_kafka(*_, **options):
        asked.update(options)
        return beam.Create([])

    monkeypatch.setattr(kafka, "ReadFromKafka", read_from_kafka)
    _ = beam.Pipeline() | kafka.ReadTopic(
        topic("kafka://one:9092/t"), KafkaSettings("localhost:8097", **bounds)
    )
    assert asked["commit_offset_in_finalize"] is commits
    assert asked["with_metadata"]


def test_a_record_has_the_offset_of_its_message_and_a_tombstone_is_empty():
    message = SimpleNamespace(topic="t", partition=2, offset=41, value=b"{}")
    source = {"topic": "t", "partition": 2, "offset": 41}
    assert kafka.record_of(message) == Record(b"{}", source)
    message.value = None
    assert kafka.record_of(message) == Record(b"", source)


def test_other_options_are_properties_of_the_client():
    properties = topic("kafka://one:9092/t?security.protocol=SASL_SSL&sasl.mechanism=PLAIN").properties
    assert properties == {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}


@pytest.mark.parametrize(
    ("bound", "size"),
    [(MAX_MESSAGE_BYTES, None), (2**20 - 1024, None), (2**20 - 1023, 2**20 + 1), (5_000_000, 5_001_024)],
)
def test_the_producer_accepts_messages_within_the_limit(bound: int, size: int | None):
    """1 MiB is the default of Kafka's producer, ``max.request.size``."""
    assert topic("kafka://one:9092/t").producer(bound).get("max.request.size") == (size and str(size))
    given = topic("kafka://one:9092/t?max.request.size=9000000").producer(bound)
    assert given["max.request.size"] == "9000000"


def test_a_producer_limit_below_max_message_bytes_is_refused():
    kafka = KafkaSettings(max_message_bytes=500_000)
    AUDIT.open("kafka://one:9092/t?max.request.size=501024", kafka)
    for given, told in (
        ("501023", "max.request.size is 501023 and --max_message_bytes is 500000"),
        ("1 MB", "max.request.size must be a whole number"),
    ):
        with pytest.raises(FlagError, match=told) as error:
            AUDIT.open(f"kafka://one:9092/t?max.request.size={given}", kafka)
        assert error.value.flag == "audit"


def test_secrets_are_read_from_files_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "jaas").write_text("Login required;\n")
    monkeypatch.setenv("STORE", "hush")
    address = f"kafka://one:9092/t?sasl.jaas.config_file={tmp_path}/jaas&ssl.keystore.password_env=STORE"
    assert topic(address).properties == {
        "sasl.jaas.config": "Login required;",
        "ssl.keystore.password": "hush",
    }


@pytest.mark.parametrize("name", ["sasl.jaas.config", "ssl.keystore.password"])
def test_secrets_in_the_flag_are_refused_and_not_quoted(name: str):
    with pytest.raises(FlagError, match=f"{name}_file") as error:
        topic(f"kafka://one:9092/t?{name}=hush")
    assert "hush" not in str(error.value)


def test_values_that_kafka_looks_up_are_not_secrets():
    properties = topic("kafka://one:9092/t?config.providers=env&sasl.jaas.config=${env:LOGIN}").properties
    assert properties == {"config.providers": "env", "sasl.jaas.config": "${env:LOGIN}"}


@pytest.mark.parametrize("value", ["${hush}", "hush${env:A}", "${env:A}hush", 'Login password="${env:A}";'])
def test_a_value_that_kafka_looks_up_in_part_is_a_secret(value: str):
    with pytest.raises(FlagError, match="_file=FILE"):
        topic(f"kafka://one:9092/t?sasl.jaas.config={value}")


def test_kafka_does_not_look_up_a_file_or_variable_of_certbeam():
    with pytest.raises(FlagError, match="cannot be read"):
        topic("kafka://one:9092/t?sasl.jaas.config_file=${env:LOGIN}")
    with pytest.raises(FlagError, match="no variable"):
        topic("kafka://one:9092/t?sasl.jaas.config_env=${env:LOGIN}")


@pytest.mark.parametrize("text", ["kafka://one:9092", "kafka://one/t", "kafka:///t", "kafka://one:9092/a b"])
def test_an_address_without_a_topic_is_refused(text: str):
    with pytest.raises(FlagError, match="kafka://BROKER"):
        topic(text)


def test_the_expansion_service_is_a_jar_or_an_address(tmp_path: Path):
    check_expansion_service("")
    check_expansion_service("localhost:8097")
    for wrong in (f"{tmp_path}/none.jar", "localhost"):
        with pytest.raises(FlagError, match=r"jar|HOST:PORT"):
            check_expansion_service(wrong)
    assert KafkaSettings("localhost:8097").service() == "localhost:8097"
    assert KafkaSettings().service() is None


@pytest.mark.parametrize(
    ("java_worker", "started"), [("", True), (OWN_WORKER, True), ("localhost:50001", False)]
)
def test_the_expansion_service_starts_a_worker_only_if_no_pool_has_one(java_worker: str, started: bool):
    """A worker runs the code that it is sent, in a process that outlives the submission."""
    arguments = KafkaSettings("expansion.jar", java_worker=java_worker).service()._extra_args
    assert ("--alsoStartLoopbackWorker" in arguments) is started
    assert arguments[0] == "{{PORT}}"


def test_an_error_of_kafka_is_reported_without_the_java_stack_trace():
    stack = (
        "java.lang.X: org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed\n"
        "\tat a.b.C(D.java:1)\nCaused by: sun.Why: no path\n\tat e\nCaused by: sun.security.Because: no trust\n"
    )
    with pytest.raises(Unavailable) as raised, plain_errors():
        raise RuntimeError(stack)
    assert raised.value.reason == "Kafka: SslAuthenticationException: SSL handshake failed; Because: no trust"
    with pytest.raises(RuntimeError, match="another"), plain_errors():
        raise RuntimeError("another")
