"""What demos, benchmarks and tests do with Kafka's own client: topics, messages and offsets.

A broker that has just started refuses some requests for some seconds, such as with ``NOT_COORDINATOR``: these are tried
again. Kafka's client tries again what it sends by itself, and leaves requests to its caller.
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
"""How long a request is tried again, and how long the last messages may take to be delivered."""

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
        # Of a topic that was created a moment ago.
        KafkaError._UNKNOWN_PARTITION,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    }
)
"""Errors that Kafka's protocol calls retriable, and their like of the client (https://kafka.apache.org/protocol).

``KafkaError.retriable()`` is True for errors of transactions only.
"""


class Message(NamedTuple):
    """A message of a topic."""

    key: bytes | None
    value: bytes


def create_topic(
    bootstrap: str, name: str, partitions: int = 1, config: Mapping[str, str] | None = None
) -> None:
    """Create a topic with one replica, and with configuration of its own if given.

    Raises:
        ServerFailed: when the broker does not become ready for it.
        KafkaException: for an error that does not pass, such as that of a topic that exists.
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
            # An earlier attempt may have created it, though its answer was lost.
            if attempt == 1 or error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise

    retry_transient(f"create the topic {name}", create)


def produce(bootstrap: str, topic: str, messages: Iterable[tuple[bytes | None, bytes]]) -> None:
    """Put messages, pairs of key and value, on a topic, and wait until all are delivered.

    Raises:
        ServerFailed: when some are not.
    """
    errors: list[KafkaError] = []

    def note(error: KafkaError | None, _: Any) -> None:
        if error is not None:
            errors.append(error)

    producer = Producer({"bootstrap.servers": bootstrap})
    for key, value in messages:
        producer.produce(topic, key=key, value=value, on_delivery=note)
        producer.poll(0)
    undelivered = producer.flush(_SECONDS)
    if undelivered or errors:
        reason = f": {errors[0].str()}" if errors else f" within {_SECONDS:.0f} s"
        raise ServerFailed(f"{undelivered + len(errors)} messages for {topic} were not delivered{reason}")


def read_all(bootstrap: str, topic: str) -> list[Message]:
    """Every message of a topic, partition after partition, up to its present end.

    Raises:
        ServerFailed: when the broker does not become ready to serve them.
    """
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "read", "enable.auto.commit": False})
    with contextlib.closing(consumer):
        partitions = retry_transient(f"list the partitions of {topic}", lambda: _partitions(consumer, topic))
        return [
            Message(one.key(), one.value())
            for place in partitions
            for one in _read_partition(consumer, place)
        ]


def committed_offsets(consumer: Consumer, places: Sequence[TopicPartition]) -> list[int]:
    """The offsets that a consumer's group has committed; negative where there is none.

    Raises:
        ServerFailed: when the broker does not become ready to say.
    """

    def committed() -> list[int]:
        found = consumer.committed(list(places), timeout=_REQUEST_SECONDS)
        return [_without_error(one).offset for one in found]

    return retry_transient(f"read the committed offsets of {places[0].topic}", committed)


def retry_transient(action: str, request: Callable[[], T]) -> T:
    """The result of a request that is tried again for a minute while it fails with a transient error.

    Args:
        action: what the request does, in the imperative.
        request: makes one attempt.

    Raises:
        ServerFailed: when the last attempt fails with a transient error, too.
        KafkaException: for any other error, at once.
    """
    try:
        return _RETRYING(request)
    except tenacity.RetryError as end:
        error = end.last_attempt.exception()
        attempts = f"{end.last_attempt.attempt_number} attempts in {_SECONDS:.0f} s"
        raise ServerFailed(
            f"cannot {action}: {error.args[0].str() if error else ''} ({attempts});"
            " is the broker running, and what does its log say?"
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
    found = _without_error(consumer.list_topics(topic, _REQUEST_SECONDS).topics[topic])
    return [TopicPartition(topic, number, 0) for number in found.partitions]


def _read_partition(consumer: Consumer, place: TopicPartition) -> Iterator[Any]:
    where = f"partition {place.partition} of {place.topic}"
    offsets = functools.partial(consumer.get_watermark_offsets, place, timeout=_REQUEST_SECONDS)
    _, end = retry_transient(f"find the end of {where}", offsets)
    consumer.assign([place])
    position = 0
    while position < end:
        batch = functools.partial(_consume, consumer, min(_BATCH, end - position))
        for message in retry_transient(f"read {where}", batch):
            yield message
            position = message.offset() + 1


def _consume(consumer: Consumer, most: int) -> list[Any]:
    """Some messages, at least one."""
    found = consumer.consume(most, timeout=_REQUEST_SECONDS)
    messages = [one for one in found if one.error() is None]
    if not messages:
        raise KafkaException(found[0].error() if found else KafkaError(KafkaError._TIMED_OUT))
    return messages


def _without_error(answer: T) -> T:
    """An answer of the client's that may hold an error in its place."""
    if (error := answer.error) is not None:  # type: ignore[attr-defined]
        raise KafkaException(error)
    return answer
