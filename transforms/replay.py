"""Replay: dead letters to the messages that they were made from, for the way in."""

import logging
from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import parse_object
from certbeam.io.ports import Message
from certbeam.issuing.claim import Record, original_message
from certbeam.transforms.stage import NAMESPACE

REPLAYED = "replay:events"
REFUSED = "replay:refused"

logger = logging.getLogger(__name__)


class Replay(beam.PTransform):
    """From records that hold dead letters to messages; what is none is counted, told by its place and left out."""

    def expand(self, records: Any) -> Any:
        """From records to messages."""
        return records | "Take out the events" >> beam.FlatMap(messages).with_output_types(
            tuple[bytes, bytes]
        )


def messages(record: Record) -> Iterator[Message]:
    """The message of one dead letter, under its batch's id where there is one."""
    try:
        value = original_line(record.value)
    except Rejected as error:
        Metrics.counter(NAMESPACE, REFUSED).inc()
        logger.error("%s: %s", record.source, error.reason)
        return
    Metrics.counter(NAMESPACE, REPLAYED).inc()
    yield _batch_id(value).encode(), value


def original_line(letter: bytes) -> bytes:
    """The message that a dead letter was made from, without line ends.

    One from a topic may hold some, which are white space to JSON but not to a file of lines.

    Raises:
        Rejected: ``not-a-dead-letter``.
    """
    return original_message(letter).replace(b"\n", b" ")


def _batch_id(message: bytes) -> str:
    """The id that an event carries; "" for a message that has none, or is no event."""
    try:
        batch_id = parse_object(message)["edata"]["batchId"]
    except (Rejected, KeyError, TypeError):
        return ""
    return batch_id if isinstance(batch_id, str) else ""
