"""Requests to a broker that is not ready are retried, and no others."""

import time
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
import tenacity
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from certbeam.deploy.flink import demo
from certbeam.deploy.services import kafka_client
from certbeam.deploy.services.server import ServerFailed

TRANSIENT = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError._TRANSPORT,
    KafkaError._TIMED_OUT,
)
NOT_READY = KafkaError(KafkaError.NOT_COORDINATOR)


class Client:
    """A fake of any Kafka client: each method returns or raises its answers in turn."""

    def __init__(self, **answers):
        self.answers = {name: deque(given) for name, given in answers.items()}

    def __call__(self, _settings):
        return self

    def __getattr__(self, name):
        def call(*_arguments, **_named):
            answer = self.answers[name].popleft()
            if isinstance(answer, KafkaError):
                raise KafkaException(answer)
            return answer

        return call

    def close(self):
        pass

    @property
    def left(self):
        return {name: len(answers) for name, answers in self.answers.items() if answers}


class Created:
    """The future of a topic."""

    def __init__(self, error=None):
        self._error = error

    def result(self):
        if self._error is not None:
            raise KafkaException(self._error)


@pytest.fixture(autouse=True)
def three_attempts_at_once(monkeypatch):
    monkeypatch.setattr(kafka_client._RETRYING, "wait", tenacity.wait_none())
    monkeypatch.setattr(kafka_client._RETRYING, "stop", tenacity.stop_after_attempt(3))


def at(offset, error=None):
    return SimpleNamespace(offset=offset, error=error)


def message(offset, error=None):
    return SimpleNamespace(
        key=lambda: b"k", value=lambda: b"%d" % offset, offset=lambda: offset, error=lambda: error
    )


def committed(client):
    return kafka_client.committed_offsets(client, [TopicPartition("events", 0)])


@pytest.mark.parametrize("code", TRANSIENT)
def test_a_request_with_a_transient_error_is_retried(code):
    error = KafkaError(code)
    assert committed(Client(committed=[error, error, [at(7)]])) == [7]


def test_a_response_with_a_transient_error_is_retried():
    assert committed(Client(committed=[[at(-1001, NOT_READY)], [at(7)]])) == [7]


def test_a_retriable_error_of_a_transaction_is_retried():
    error = KafkaError(KafkaError._STATE, "busy", retriable=True)
    assert committed(Client(committed=[error, [at(7)]])) == [7]


def test_the_error_of_a_broker_that_is_not_ready_names_the_request():
    client = Client(committed=[NOT_READY] * 4)
    with pytest.raises(
        ServerFailed, match=r"read the committed offsets of events: .*coordinator.*3 attempts"
    ):
        committed(client)
    assert client.left == {"committed": 1}


def test_any_other_error_is_raised_without_a_retry():
    client = Client(committed=[KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED), [at(7)]])
    with pytest.raises(KafkaException) as caught:
        committed(client)
    assert caught.value.args[0].code() == KafkaError.GROUP_AUTHORIZATION_FAILED
    assert client.left == {"committed": 1}


@pytest.mark.parametrize(
    "second", [Created(), Created(KafkaError(KafkaError.TOPIC_ALREADY_EXISTS))], ids=["new", "created before"]
)
def test_a_topic_is_created_once_the_broker_is_ready(monkeypatch, second):
    first = Created(KafkaError(KafkaError.REQUEST_TIMED_OUT))
    client = Client(create_topics=[{"events": first}, {"events": second}])
    monkeypatch.setattr(kafka_client, "AdminClient", client)
    kafka_client.create_topic("broker:1", "events")
    assert client.left == {}


def test_a_topic_that_exists_is_not_created_again(monkeypatch):
    exists = Created(KafkaError(KafkaError.TOPIC_ALREADY_EXISTS))
    monkeypatch.setattr(kafka_client, "AdminClient", Client(create_topics=[{"events": exists}]))
    with pytest.raises(KafkaException):
        kafka_client.create_topic("broker:1", "events")


def test_a_topic_is_read_to_its_end_if_its_leader_changes(monkeypatch):
    moved = KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION)
    unknown = SimpleNamespace(error=KafkaError(KafkaError.LEADER_NOT_AVAILABLE), partitions={})
    known = SimpleNamespace(error=None, partitions={0: None})
    client = Client(
        list_topics=[SimpleNamespace(topics={"events": one}) for one in (unknown, known)],
        get_watermark_offsets=[moved, (0, 3)],
        assign=[None],
        consume=[[message(-1, moved)], [message(0), message(-1, moved), message(1)], [], [message(2)]],
    )
    monkeypatch.setattr(kafka_client, "Consumer", client)
    assert kafka_client.read_all("broker:1", "events") == [(b"k", b"0"), (b"k", b"1"), (b"k", b"2")]
    assert client.left == {}


class Producer:
    """A fake producer that delivers all messages except those with the value ``lost`` or ``stuck``."""

    def __init__(self, _settings):
        self._stuck = 0

    def produce(self, _topic, *, value, on_delivery, **_key):
        if value == b"stuck":
            self._stuck += 1
        else:
            on_delivery(KafkaError(KafkaError._MSG_TIMED_OUT) if value == b"lost" else None, None)

    def poll(self, _seconds):
        return 0

    def flush(self, _seconds):
        return self._stuck


@pytest.mark.parametrize(
    ("values", "report"),
    [
        ((b"a", b"b"), None),
        ((b"a", b"lost", b"lost"), "^2 messages for events were not delivered: .*timed out"),
        ((b"stuck", b"a"), "^1 messages for events were not delivered within 60 s"),
    ],
)
def test_messages_that_are_not_delivered_are_reported(monkeypatch, values, report):
    monkeypatch.setattr(kafka_client, "Producer", Producer)
    messages = [(None, value) for value in values]
    if report is None:
        kafka_client.produce("broker:1", "events", messages)
    else:
        with pytest.raises(ServerFailed, match=report):
            kafka_client.produce("broker:1", "events", messages)


def test_the_demo_waits_for_a_group_whose_coordinator_is_not_ready(monkeypatch):
    client = Client(committed=[NOT_READY, [at(-1001)], NOT_READY, [at(33)]])
    monkeypatch.setattr(demo, "Consumer", client)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    process: Any = SimpleNamespace(poll=lambda: None)
    broker: Any = SimpleNamespace(bootstrap="broker:1")
    assert demo._wait(process, broker, 33)
    assert client.left == {}
