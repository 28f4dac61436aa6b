"""Restore the messages that dead letters were made from."""

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import MAX_TEXT, parse_object
from certbeam.issuing.dead_letter import restore_original_message
from certbeam.issuing.large_messages import FetchPart, refuse_fetch


def original_line(letter: bytes, fetch: FetchPart = refuse_fetch) -> bytes:
    """The message that a dead letter was made from, without line ends.

    One from a topic may hold some, which are white space to JSON but not to a file of lines.

    Raises:
        Rejected: ``not-a-dead-letter``, or because something that the letter refers to cannot be had.
    """
    return restore_original_message(letter, fetch).replace(b"\n", b" ")


def _batch_id(message: bytes) -> str:
    """The id that an event carries; "" for a message that has none, has one too long for a key, or is no event."""
    try:
        batch_id = parse_object(message)["edata"]["batchId"]
    except (Rejected, KeyError, TypeError):
        return ""
    return batch_id if isinstance(batch_id, str) and len(batch_id) <= MAX_TEXT else ""
