"""Restore the messages that dead letters were made from."""

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import MAX_TEXT, parse_object
from certbeam.issuing.dead_letter import restore_original_message
from certbeam.issuing.large_messages import FetchPart, refuse_fetch


def restore_line(letter: bytes, fetch: FetchPart = refuse_fetch) -> bytes:
    """Restore the message that a dead letter was made from, without line ends.

    A message from a topic may contain line ends. They are white space in JSON, but would split a line of a file.

    Raises:
        Rejected: ``not-a-dead-letter``, or a stored part that the letter refers to cannot be read.
    """
    return restore_original_message(letter, fetch).replace(b"\n", b" ")


def read_batch_id(message: bytes) -> str:
    """Return the batch id of an event; ``""`` if the message is not an event, or has no id that can be a key."""
    try:
        batch_id = parse_object(message)["edata"]["batchId"]
    except (Rejected, KeyError, TypeError):
        return ""
    return batch_id if isinstance(batch_id, str) and len(batch_id) <= MAX_TEXT else ""
