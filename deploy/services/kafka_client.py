"""Topics, messages and offsets of Kafka for demos, benchmarks and tests.

For some seconds after its start, a broker refuses some requests, such as with ``NOT_COORDINATOR``. This module retries
them: Kafka's client retries only messages that it sends.
"""

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import tenacity
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from .server import ServerFailed

T = TypeVar("T")

_SECONDS = 60.0
"""Time limit of the retries of a request, and of the delivery of the last messages."""

_REQUEST_SECONDS = 10.0
_BATCH = 1000

_TRANSIENT = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._TRANSPORT,
        KafkaError._WAIT_COORD,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.NOT_CONTROLLER,
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REQUEST_TIMED_OUT,
        # A topic that was created a moment ago.
        KafkaError._UNKNOWN_PARTITION,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    }
)
"""Retriable errors of Kafka's protocol (https://kafka.apache.org/protocol), and similar errors of the client.

``KafkaError.retriable()`` is True for errors of transactions only.
"""


class Message(NamedTuple):
    """A message of a topic."""

    key: bytes | None
    value: bytes


def create_topic(
    bootstrap: str, name: str, partitions: int = 1, config: Mapping[str, str] | None = None
) -> None:
    """Create a topic with one replica.

    Args:
        bootstrap: the broker's ``bootstrap.servers``.
        name: the topic's name.
        partitions: the number of its partitions.
        config: the topic's configuration; None for the broker's defaults.

    Raises:
        ServerFailed: if the broker does not become ready.
        KafkaException: if the error is not transient, such as that of an existing topic.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap})
    attempts = itertools.count(1)

    def create() -> None:
        attempt = next(attempts)
        try:
            for created in admin.create_topics(
                [NewTopic(name, partitions, 1, config=dict(config or {}))]
            ).values():
                created.result()
        except KafkaException as error:
            # An earlier attempt may have created it although its answer was lost.
            if attempt == 1 or error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise

    retry_transient(f"create the topic {name}", create)


def produce(bootstrap: str, topic: str, messages: Iterable[tuple[bytes | None, bytes]]) -> None:
    """Write messages, which are pairs of a key and a value, to a topic, and wait until all are delivered.

    Raises:
        ServerFailed: if a message is not delivered.
    """
    errors: list[KafkaError] = []

    def collect_error(error: KafkaError | None, _: Any) -> None:
        if error is not None:
            errors.append(error)

    producer = Producer({"bootstrap.servers": bootstrap})
    for key, value in messages:
        producer.produce(topic, key=key, value=value, on_delivery=collect_error)
        producer.poll(0)
    undelivered = producer.flush(_SECONDS)
    if undelivered or errors:
        reason = f": {errors[0].str()}" if errors else f" within {_SECONDS:.0f} s"
        raise ServerFailed(f"{undelivered + len(errors)} messages for {topic} were not delivered{reason}")


def read_all(bootstrap: str, topic: str) -> list[Message]:
    """Read the messages of a topic up to its current end, one partition after the other.

    Raises:
        ServerFailed: if the broker does not become ready.
    """
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "read", "enable.auto.commit": False})
    with contextlib.closing(consumer):
        partitions = retry_transient(f"list the partitions of {topic}", lambda: _partitions(consumer, topic))
        return [
            Message(message.key(), message.value())
            for partition in partitions
            for message in _read_partition(consumer, partition)
        ]


def committed_offsets(consumer: Consumer, partitions: Sequence[TopicPartition]) -> list[int]:
    """Return the committed offset of each partition in a consumer's group; a negative number if there is no offset.

    Raises:
        ServerFailed: if the broker does not become ready.
    """

    def committed() -> list[int]:
        answers = consumer.committed(list(partitions), timeout=_REQUEST_SECONDS)
        return [_check_answer(answer).offset for answer in answers]

    return retry_transient(f"read the committed offsets of {partitions[0].topic}", committed)


def retry_transient(action: str, request: Callable[[], T]) -> T:
    """Send a request, and retry it for a minute while it fails with a transient error.

    Args:
        action: what the request does, in the imperative.
        request: sends the request once.

    Returns:
        The result of the request.

    Raises:
        ServerFailed: if the last attempt fails with a transient error.
        KafkaException: if an attempt fails with another error.
    """
    try:
        return _RETRYING(request)
    except tenacity.RetryError as end:
        error = end.last_attempt.exception()
        attempts = f"{end.last_attempt.attempt_number} attempts in {_SECONDS:.0f} s"
        raise ServerFailed(
            f"cannot {action}: {error.args[0].str() if error else ''} ({attempts});"
            " check that the broker runs, and read its log"
        ) from error


def _is_transient(error: BaseException) -> bool:
    if not isinstance(error, KafkaException):
        return False
    cause = error.args[0]
    return isinstance(cause, KafkaError) and (cause.retriable() or cause.code() in _TRANSIENT)


_RETRYING = tenacity.Retrying(
    retry=tenacity.retry_if_exception(_is_transient),
    stop=tenacity.stop_after_delay(_SECONDS),
    wait=tenacity.wait_exponential(multiplier=0.1, max=2),
)


def _partitions(consumer: Consumer, topic: str) -> list[TopicPartition]:
    metadata = _check_answer(consumer.list_topics(topic, _REQUEST_SECONDS).topics[topic])
    return [TopicPartition(topic, number, 0) for number in metadata.partitions]


def _read_partition(consumer: Consumer, partition: TopicPartition) -> Iterator[Any]:
    name = f"partition {partition.partition} of {partition.topic}"
    offsets = functools.partial(consumer.get_watermark_offsets, partition, timeout=_REQUEST_SECONDS)
    _, end = retry_transient(f"find the end of {name}", offsets)
    consumer.assign([partition])
    position = 0
    while position < end:
        batch = functools.partial(_consume, consumer, min(_BATCH, end - position))
        for message in retry_transient(f"read {name}", batch):
            yield message
            position = message.offset() + 1


def _consume(consumer: Consumer, limit: int) -> list[Any]:
    """Read at least one message and at most a number of messages."""
    answers = consumer.consume(limit, timeout=_REQUEST_SECONDS)
    messages = [answer for answer in answers if answer.error() is None]
    if not messages:
        raise KafkaException(answers[0].error() if answers else KafkaError(KafkaError._TIMED_OUT))
    return messages


def _check_answer(answer: T) -> T:
    """Return an answer of the client, or raise its error."""
    if (error := answer.error) is not None:  # type: ignore[attr-defined]
        raise KafkaException(error)
    return answer
