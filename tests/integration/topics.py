"""Write and read messages of Kafka topics without Beam."""

from collections.abc import Iterable

from certbeam.deploy.services.kafka_client import Message, produce, read_all


def put(address: str, messages: Iterable[tuple[bytes, bytes]]) -> None:
    """Write messages to the topic of a kafka:// address."""
    produce(*_parts(address), messages)


def take_all(address: str) -> list[Message]:
    """Return every message of a topic that is written now, partition by partition."""
    return read_all(*_parts(address))


def _parts(address: str) -> tuple[str, str]:
    brokers, _, topic = address.removeprefix("kafka://").partition("/")
    return brokers, topic
