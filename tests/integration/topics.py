"""Messages put on and taken off Kafka topics, by a client that is not Beam's."""

from collections.abc import Iterable

from certbeam.deploy.services.kafka_client import Message, produce, read_all


def put(address: str, messages: Iterable[tuple[bytes, bytes]]) -> None:
    """Put messages on the topic of a kafka:// address."""
    produce(*_parts(address), messages)


def take_all(address: str) -> list[Message]:
    """Every message of a topic, partition after partition, as far as it is written now."""
    return read_all(*_parts(address))


def _parts(address: str) -> tuple[str, str]:
    brokers, _, topic = address.removeprefix("kafka://").partition("/")
    return brokers, topic
