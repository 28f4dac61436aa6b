"""Messages put on and taken off Kafka topics, by a client that is not Beam's."""

from collections.abc import Iterable
from typing import NamedTuple

from confluent_kafka import Consumer, Producer, TopicPartition

_SECONDS = 20.0


class Message(NamedTuple):
    key: bytes | None
    value: bytes


def put(address: str, messages: Iterable[tuple[bytes, bytes]]) -> None:
    """Put messages on the topic of a kafka:// address."""
    brokers, topic = _parts(address)
    producer = Producer({"bootstrap.servers": brokers})
    for key, value in messages:
        producer.produce(topic, key=key, value=value)
        producer.poll(0)
    assert producer.flush(_SECONDS) == 0


def take_all(address: str) -> list[Message]:
    """Every message of a topic, partition after partition, as far as it is written now."""
    brokers, topic = _parts(address)
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "tests", "enable.auto.commit": False})
    try:
        found = []
        for partition in consumer.list_topics(topic, _SECONDS).topics[topic].partitions:
            place = TopicPartition(topic, partition, 0)
            _, end = consumer.get_watermark_offsets(place, _SECONDS)
            consumer.assign([place])
            position = 0
            while position < end:
                message = consumer.poll(_SECONDS)
                assert message is not None
                assert message.error() is None
                found.append(Message(message.key(), message.value()))
                position = message.offset() + 1
        return found
    finally:
        consumer.close()


def _parts(address: str) -> tuple[str, str]:
    brokers, _, topic = address.removeprefix("kafka://").partition("/")
    return brokers, topic
