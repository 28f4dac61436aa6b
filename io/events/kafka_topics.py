"""Events on Kafka topics, read and written by Beam's KafkaIO."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.io.kafka import ReadFromKafka, WriteToKafka, default_io_expansion_service
from apache_beam.transforms.external import JavaJarExpansionService

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.uri.address import Address, FlagError, parse_address
from certbeam.io.uri.options import Options
from certbeam.issuing.record import Record

SCHEME = "kafka"
ADDRESS = "kafka://BROKER[,BROKER]/TOPIC"

OWN_WORKER = "localhost:{{PORT}}"
"""The worker in the process of the expansion service. Beam replaces the port."""

_GROUP = "certbeam"
_CONSUMER = {
    "auto.offset.reset": "earliest",
    # As the consumers of Sunbird's jobs: messages of aborted transactions are not read.
    "isolation.level": "read_committed",
    # Offsets are committed after a bundle is processed, not when it is read.
    "enable.auto.commit": "false",
}
_PRODUCER = {"acks": "all", "enable.idempotence": "true"}

RECORD_OVERHEAD = 1024
"""Bytes reserved for what Kafka adds to a message's key and value, which is about a hundred."""
_REQUEST_SIZE = "max.request.size"
_DEFAULT_REQUEST_SIZE = 1 << 20
_KAFKA_ERROR = re.compile(r"org\.apache\.kafka\.common\.(?:errors\.)?(\w+(?:: [^\n]+)?)")
_CAUSE = re.compile(r"^Caused by: (?:\w+\.)*(\w+: [^\n]+)$", re.MULTILINE)
_SECRET_WORDS = ("password", "jaas", "secret")
# A value that Kafka's client looks up where it runs (KIP-297): a provider's name and the path of the value.
_LOOKED_UP_BY_KAFKA = re.compile(r"\$\{\w+:[^${}]+\}")


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Settings of Beam's transforms for Kafka, which are written in Java.

    Attributes:
        expansion_service: a jar, or HOST:PORT of a running service; an empty string for the one that Beam downloads.
        java_worker: HOST:PORT of a pool of Java workers, in the runner's network; :data:`OWN_WORKER` for that of the
            expansion service; an empty string if the runner starts its workers itself.
        deprecated_read: True if the runner reads topics, and not a splittable DoFn.
        max_num_records: number of records after which reading ends; None for no limit.
        max_read_time: seconds after which reading ends; None for no limit.
        max_message_bytes: limit of the size of key and value of each written message.
    """

    expansion_service: str = ""
    java_worker: str = ""
    deprecated_read: bool = False
    max_num_records: int | None = None
    max_read_time: int | None = None
    max_message_bytes: int = MAX_MESSAGE_BYTES

    @property
    def bounded(self) -> bool:
        """Return True if reading ends."""
        return self.max_num_records is not None or self.max_read_time is not None

    def service(self) -> Any:
        """Return the expansion service for Beam's transforms; None for Beam's default."""
        arguments = self._service_arguments()
        if self.expansion_service.endswith(".jar"):
            if self.java_worker in ("", OWN_WORKER):
                # If the runner has no containers, the worker in the service's process runs the transforms.
                arguments = ["--alsoStartLoopbackWorker", *arguments]
            arguments = ["{{PORT}}", *arguments]
            if self.java_worker:
                # An external worker has its own class path. It does not read the jars that the service would
                # stage for each topic, over 100 MB.
                arguments.append(f"--filesToStage={self.expansion_service}")
            return JavaJarExpansionService(self.expansion_service, extra_args=arguments)
        if not self.expansion_service and arguments:
            return default_io_expansion_service(append_args=arguments)
        return self.expansion_service or None

    def _service_arguments(self) -> list[str]:
        arguments = []
        if self.java_worker:
            arguments += [
                "--defaultEnvironmentType=EXTERNAL",
                f"--defaultEnvironmentConfig={self.java_worker}",
            ]
        if self.deprecated_read:
            arguments.append("--experiments=use_deprecated_read")
        return arguments


DEFAULTS = KafkaSettings()


def check_expansion_service(value: str) -> None:
    """Refuse an ``--expansion_service`` that is neither a jar nor an address.

    Raises:
        FlagError: if it is neither.
    """
    if value.endswith(".jar"):
        if not Path(value).is_file():
            raise FlagError("expansion_service", value, "there is no such file; 'make jars' builds one")
        return
    host, _, port = value.rpartition(":")
    if value and not (host and port.isdecimal()):
        raise FlagError("expansion_service", value, "a .jar file or HOST:PORT is needed")


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic.

    Attributes:
        brokers: HOST:PORT of each broker, separated by commas.
        name: name of the topic.
        group: consumer group.
        properties: properties of the consumer or producer, in addition to certbeam's own.
    """

    brokers: str
    name: str
    group: str
    properties: Mapping[str, str]

    def consumer(self) -> dict[str, str]:
        """Return the properties of a consumer."""
        return {"bootstrap.servers": self.brokers, "group.id": self.group, **_CONSUMER, **self.properties}

    def producer(self, max_message_bytes: int = MAX_MESSAGE_BYTES) -> dict[str, str]:
        """Return the properties of a producer that accepts messages of ``max_message_bytes``."""
        needed = max_message_bytes + RECORD_OVERHEAD
        size = {_REQUEST_SIZE: str(needed)} if needed > _DEFAULT_REQUEST_SIZE else {}
        return {"bootstrap.servers": self.brokers, **_PRODUCER, **size, **self.properties}


def check_message_bytes(address: Address, topic: Topic, max_message_bytes: int) -> None:
    """Refuse an address with a limit of the producer that is too small for certbeam's messages.

    Raises:
        FlagError: with both limits.
    """
    size = topic.properties.get(_REQUEST_SIZE)
    if size is None:
        return
    if not size.isdecimal():
        raise address.refuse(f"{_REQUEST_SIZE} must be a whole number")
    if int(size) < max_message_bytes + RECORD_OVERHEAD:
        raise address.refuse(
            f"{_REQUEST_SIZE} is {size} and --max_message_bytes is {max_message_bytes}: the latter must be smaller by"
            f" {RECORD_OVERHEAD} at least"
        )


def parse_topic(address: Address) -> Topic:
    """Parse ``kafka://BROKER[,BROKER]/TOPIC?group=G&PROPERTY=VALUE…``.

    A property with a secret is given as ``PROPERTY_file=FILE`` or ``PROPERTY_env=VARIABLE``, or as
    ``PROPERTY=${PROVIDER:…}``, which Kafka's client looks up with its ``config.providers`` where it runs.

    Raises:
        FlagError: with what is missing or wrong.
    """
    options = Options(address)
    brokers, _, name = options.location.removeprefix("//").partition("/")
    if not all(broker.rpartition(":")[0] for broker in brokers.split(",")) or not _is_topic_name(name):
        raise address.refuse(f"an address such as {ADDRESS} is needed, each broker as HOST:PORT")
    group = options.take("group", _GROUP)
    secrets = {}
    for option, value in options.left().items():
        secret = option.removesuffix("_file").removesuffix("_env")
        is_in_flag = any(word in option.lower() for word in _SECRET_WORDS) and not (
            _LOOKED_UP_BY_KAFKA.fullmatch(value)
        )
        if secret != option or is_in_flag:
            secrets[secret] = options.secret(secret)
    return Topic(brokers, name, group, {**options.rest(), **secrets})


def open_source(address: Address, settings: KafkaSettings = DEFAULTS, spread: bool = False) -> "ReadTopic":
    """Return the transform that reads a topic; see :class:`ReadTopic`.

    Raises:
        FlagError: if the address is not that of a topic.
    """
    return ReadTopic(parse_topic(address), settings, spread)


def open_sink(address: Address, settings: KafkaSettings = DEFAULTS) -> "WriteTopic":
    """Return the transform that writes messages to a topic.

    Raises:
        FlagError: if the address is not that of a topic, or its producer refuses messages that certbeam writes.
    """
    topic = parse_topic(address)
    check_message_bytes(address, topic, settings.max_message_bytes)
    return WriteTopic(topic, settings)


@dataclass
class ReadTopic(beam.PTransform):
    """Read each message of a topic as a :class:`~certbeam.issuing.record.Record`.

    Attributes:
        topic: the topic.
        settings: settings of Beam's transforms.
        spread: True to reshuffle messages over all workers, as chunks of files; False to keep those of a partition
            together.
    """

    topic: Topic
    settings: KafkaSettings
    spread: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, begin: Any) -> Any:
        """Apply the transform to the beginning of a pipeline, and return records."""
        messages = begin | "Read the topic" >> ReadFromKafka(
            self.topic.consumer(),
            [self.topic.name],
            max_num_records=self.settings.max_num_records,
            max_read_time=self.settings.max_read_time,
            commit_offset_in_finalize=not self.settings.bounded,
            with_metadata=True,
            expansion_service=self.settings.service(),
        )
        if self.spread:
            messages = messages | "Spread the messages" >> beam.Reshuffle()
        return messages | "Name the source" >> beam.Map(record_of)


@dataclass
class WriteTopic(beam.PTransform):
    """Write messages with their keys to a topic, those of all stages with one producer.

    The Java transform accepts only pairs of bytes, so the messages of each stage must have that type.
    """

    topic: Topic
    settings: KafkaSettings

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, messages: Any) -> Any:
        """Apply the transform to the messages of each stage, by its name."""
        return (
            tuple(messages.values())
            | "Join all stages" >> beam.Flatten()
            | "Write the topic"
            >> WriteToKafka(
                self.topic.producer(self.settings.max_message_bytes),
                self.topic.name,
                expansion_service=self.settings.service(),
            )
        )


@contextmanager
def plain_errors() -> Iterator[None]:
    """Report an error of Kafka's client in the block without the Java stack trace.

    Raises:
        Unavailable: instead of an error of Beam that quotes one of Kafka's client.
    """
    try:
        yield
    except RuntimeError as error:
        match = _KAFKA_ERROR.search(str(error))
        if match is None:
            raise
        causes = _CAUSE.findall(str(error)) or [""]
        reason = "; ".join(dict.fromkeys(filter(None, [match[1], causes[-1]])))
        raise Unavailable(ErrorCode.KAFKA_UNAVAILABLE, f"Kafka: {reason}") from error


def record_of(message: Any) -> Record:
    """Return the record of a Kafka message; an empty record for a message without a value (a tombstone)."""
    source = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
    return Record(message.value or b"", source)


def is_topic(text: str) -> bool:
    """Return True if the value of a flag is the address of a topic."""
    return bool(text) and parse_address("", text).scheme == SCHEME


def _is_topic_name(name: str) -> bool:
    return bool(name) and all(character.isalnum() or character in "._-" for character in name)
