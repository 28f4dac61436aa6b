"""Restore the messages that dead letters were made from."""

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import parse_object
from certbeam.issuing.dead_letter import original_message


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
