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
"""The worker in the expansion service's own process, whose port Beam chooses and puts in."""

_GROUP = "certbeam"
_CONSUMER = {
    "auto.offset.reset": "earliest",
    # As the reference's consumers: nothing is read of a transaction that is given up.
    "isolation.level": "read_committed",
    # Offsets are committed when a bundle is done, not when it is read.
    "enable.auto.commit": "false",
}
_PRODUCER = {"acks": "all", "enable.idempotence": "true"}

RECORD_OVERHEAD = 1024
"""Bytes kept for what Kafka adds to a message's key and value, which is about a hundred."""
_REQUEST_SIZE = "max.request.size"
_DEFAULT_REQUEST_SIZE = 1 << 20
_KAFKA_ERROR = re.compile(r"org\.apache\.kafka\.common\.(?:errors\.)?(\w+(?:: [^\n]+)?)")
_CAUSE = re.compile(r"^Caused by: (?:\w+\.)*(\w+: [^\n]+)$", re.MULTILINE)
_SECRET_WORDS = ("password", "jaas", "secret")
# What Kafka's client itself looks up where it runs (KIP-297): the name of a provider and where it finds the value.
_LOOKED_UP_BY_KAFKA = re.compile(r"\$\{\w+:[^${}]+\}")


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """How Kafka's transforms, which are written in Java, are run.

    Attributes:
        expansion_service: a jar, or HOST:PORT of a running service; "" for the one that Beam fetches itself.
        java_worker: HOST:PORT of a pool of Java workers, as the runner sees it; :data:`OWN_WORKER` for the
            expansion service's own; "" where the runner finds its workers itself.
        deprecated_read: whether topics are read by the runner and not by a splittable DoFn.
        max_num_records, max_read_time: where reading ends, in records and seconds; None for never.
        max_message_bytes: bound of key and value of each message that is written.
    """

    expansion_service: str = ""
    java_worker: str = ""
    deprecated_read: bool = False
    max_num_records: int | None = None
    max_read_time: int | None = None
    max_message_bytes: int = MAX_MESSAGE_BYTES

    @property
    def bounded(self) -> bool:
        """Whether reading ends."""
        return self.max_num_records is not None or self.max_read_time is not None

    def service(self) -> Any:
        """The expansion service as Beam takes it; None for its own."""
        arguments = self._service_arguments()
        if self.expansion_service.endswith(".jar"):
            if self.java_worker in ("", OWN_WORKER):
                # The worker in the service's own process runs the transforms where the runner has no containers.
                arguments = ["--alsoStartLoopbackWorker", *arguments]
            arguments = ["{{PORT}}", *arguments]
            if self.java_worker:
                # A worker of our own has its class path; what the service would send it, once for each topic, is
                # read by nobody, and is over 100 MB.
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
        FlagError: saying what is needed.
    """
    if value.endswith(".jar"):
        if not Path(value).is_file():
            raise FlagError("expansion_service", value, "there is no such file; 'make jars' makes one")
        return
    host, _, port = value.rpartition(":")
    if value and not (host and port.isdecimal()):
        raise FlagError("expansion_service", value, "a .jar file or HOST:PORT is needed")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and how its brokers are reached.

    Attributes:
        properties: of the consumer or producer, beyond certbeam's own.
    """

    brokers: str
    name: str
    group: str
    properties: Mapping[str, str]

    def consumer(self) -> dict[str, str]:
        """The consumer's properties."""
        return {"bootstrap.servers": self.brokers, "group.id": self.group, **_CONSUMER, **self.properties}

    def producer(self, max_message_bytes: int = MAX_MESSAGE_BYTES) -> dict[str, str]:
        """The properties of a producer that takes messages of so many bytes, its default permitting."""
        needed = max_message_bytes + RECORD_OVERHEAD
        size = {_REQUEST_SIZE: str(needed)} if needed > _DEFAULT_REQUEST_SIZE else {}
        return {"bootstrap.servers": self.brokers, **_PRODUCER, **size, **self.properties}


def check_message_bytes(address: Address, topic: Topic, max_message_bytes: int) -> None:
    """Refuse a topic whose producer is told to refuse messages that certbeam writes.

    Raises:
        FlagError: naming both limits.
    """
    given = topic.properties.get(_REQUEST_SIZE)
    if given is None:
        return
    if not given.isdecimal():
        raise address.refuse(f"{_REQUEST_SIZE} must be a whole number")
    if int(given) < max_message_bytes + RECORD_OVERHEAD:
        raise address.refuse(
            f"{_REQUEST_SIZE} is {given} and --max_message_bytes is {max_message_bytes}: the latter must be smaller by"
            f" {RECORD_OVERHEAD} at least"
        )


def parse_topic(address: Address) -> Topic:
    """The topic of ``kafka://BROKER[,BROKER]/TOPIC?group=G&PROPERTY=VALUE…``.

    Properties that hold secrets are given as ``PROPERTY_file=FILE`` or ``PROPERTY_env=VARIABLE``, or as
    ``PROPERTY=${PROVIDER:…}``, which Kafka's client looks up by its ``config.providers`` where it runs.

    Raises:
        FlagError: naming what is missing or wrong.
    """
    options = Options(address)
    brokers, _, name = options.location.removeprefix("//").partition("/")
    if not all(broker.rpartition(":")[0] for broker in brokers.split(",")) or not _is_topic_name(name):
        raise address.refuse(f"an address such as {ADDRESS} is needed, each broker as HOST:PORT")
    group = options.take("group", _GROUP)
    secrets = {}
    for named, value in options.left().items():
        secret = named.removesuffix("_file").removesuffix("_env")
        in_flag = any(word in named.lower() for word in _SECRET_WORDS) and not _LOOKED_UP_BY_KAFKA.fullmatch(
            value
        )
        if secret != named or in_flag:
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
    """Each message of a topic as a :class:`~certbeam.issuing.record.Record`.

    Attributes:
        spread: whether messages are spread over all workers when they are read, as chunks of files are; else those
            of a partition stay together.
    """

    topic: Topic
    settings: KafkaSettings
    spread: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, begin: Any) -> Any:
        """From the pipeline's beginning to records."""
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
    """Write messages to a topic under their keys: those of all stages by one producer.

    The Java side has a coder for pairs of bytes only, so each stage's messages are to be typed as such.
    """

    topic: Topic
    settings: KafkaSettings

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, messages: Any) -> Any:
        """From the messages of each stage, by its name, to nothing: a sink."""
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
    """Report an error of the Kafka client without the Java stack trace.

    Raises:
        Unavailable: instead of an error of Beam that quotes one of the Kafka client.
    """
    try:
        yield
    except RuntimeError as error:
        told = _KAFKA_ERROR.search(str(error))
        if told is None:
            raise
        causes = _CAUSE.findall(str(error)) or [""]
        reason = "; ".join(dict.fromkeys(filter(None, [told[1], causes[-1]])))
        raise Unavailable(ErrorCode.KAFKA_UNAVAILABLE, f"Kafka: {reason}") from error


def record_of(message: Any) -> Record:
    """Return the record of a Kafka message. A message without a value (a tombstone) gives an empty record."""
    source = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
    return Record(message.value or b"", source)


def is_topic(text: str) -> bool:
    """Return True if an address is that of a topic."""
    return bool(text) and parse_address("", text).scheme == SCHEME


def _is_topic_name(name: str) -> bool:
    return bool(name) and all(character.isalnum() or character in "._-" for character in name)
