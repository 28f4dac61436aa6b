"""Replay: dead letters to the messages that they were made from, for the way in."""

import logging
from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.protocols import Message
from certbeam.issuing.large_messages import FetchPart, refuse_fetch
from certbeam.issuing.record import Record
from certbeam.stages.large_messages import StoredMessages
from certbeam.stages.replaying import _batch_id, original_line
from certbeam.transforms.stage import NAMESPACE

REPLAYED = "replay:events"
REFUSED = "replay:refused"

logger = logging.getLogger(__name__)


class Replay(beam.PTransform):
    """From records that hold dead letters to messages; refused ones are counted, logged with their place and left out.

    Args:
        large_messages: address of the store of what dead letters refer to.
        max_message_bytes: of key and value of a message.
    """

    def __init__(self, large_messages: str, max_message_bytes: int) -> None:
        super().__init__()
        self._large_messages = large_messages
        self._max_message_bytes = max_message_bytes

    def expand(self, records: Any) -> Any:
        """From records to messages."""
        take_out = beam.ParDo(_ReplayFn(self._large_messages, self._max_message_bytes))
        return records | "Take out the events" >> take_out.with_output_types(tuple[bytes, bytes])


class _ReplayFn(beam.DoFn):
    """Takes the messages out of dead letters."""

    def __init__(self, large_messages: str, max_message_bytes: int) -> None:
        self._large_messages = large_messages
        self._max_message_bytes = max_message_bytes

    def setup(self) -> None:
        """Prepare to read what dead letters refer to."""
        self._stored = StoredMessages(self._large_messages)

    def teardown(self) -> None:
        """Close the store."""
        self._stored.close()

    def process(self, record: Record) -> Iterator[Message]:
        """Take out one message."""
        return messages(record, self._stored.fetch, self._max_message_bytes)


def messages(
    record: Record, fetch: FetchPart = refuse_fetch, max_message_bytes: int = MAX_MESSAGE_BYTES
) -> Iterator[Message]:
    """The message of one dead letter, under its batch's id where there is one."""
    try:
        value = original_line(record.value, fetch)
        key = _batch_id(value).encode()
        size = len(key) + len(value)
        if size > max_message_bytes:
            raise Rejected(
                ErrorCode.MESSAGE_TOO_LARGE,
                f"the message has {size:,} bytes and --max_message_bytes is {max_message_bytes:,}: write it to a file,"
                " or raise the limits of the flag and of the topic",
            )
    except Rejected as error:
        Metrics.counter(NAMESPACE, REFUSED).inc()
        logger.error("%s: %s", record.source, error.reason)
        return
    Metrics.counter(NAMESPACE, REPLAYED).inc()
    yield key, value
