"""Replay: restore the messages that dead letters were made from, to process them again."""

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
from certbeam.stages.replaying import read_batch_id, restore_line
from certbeam.transforms.stage import NAMESPACE

REPLAYED = "replay:events"
REFUSED = "replay:refused"

logger = logging.getLogger(__name__)


class Replay(beam.PTransform):
    """Convert records of dead letters to messages. Invalid records are counted, logged with their source and skipped.

    Args:
        large_messages: address of the store of the parts that dead letters refer to.
        max_message_bytes: maximum size of a message, key and value together.
    """

    def __init__(self, large_messages: str, max_message_bytes: int) -> None:
        super().__init__()
        self._large_messages = large_messages
        self._max_message_bytes = max_message_bytes

    def expand(self, records: Any) -> Any:
        """Return the messages of records."""
        restore = beam.ParDo(_ReplayFn(self._large_messages, self._max_message_bytes))
        return records | "Take out the events" >> restore.with_output_types(tuple[bytes, bytes])


class _ReplayFn(beam.DoFn):
    """Restore the messages of dead letters."""

    def __init__(self, large_messages: str, max_message_bytes: int) -> None:
        self._large_messages = large_messages
        self._max_message_bytes = max_message_bytes

    def setup(self) -> None:
        """Prepare to read the parts that dead letters refer to."""
        self._stored = StoredMessages(self._large_messages)

    def teardown(self) -> None:
        """Close the store."""
        self._stored.close()

    def process(self, record: Record) -> Iterator[Message]:
        """Restore one message."""
        return messages(record, self._stored.fetch, self._max_message_bytes)


def messages(
    record: Record, fetch: FetchPart = refuse_fetch, max_message_bytes: int = MAX_MESSAGE_BYTES
) -> Iterator[Message]:
    """Yield the message of a dead letter, with the batch id as key if there is one."""
    try:
        value = restore_line(record.value, fetch)
        key = read_batch_id(value).encode()
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
