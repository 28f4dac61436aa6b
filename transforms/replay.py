"""Replay: dead letters to the messages that they were made from, for the way in."""

import logging
from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from certbeam.foundation.errors import Rejected
from certbeam.io.ports import Message
from certbeam.issuing.record import Record
from certbeam.stages.replaying import _batch_id, original_line
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
