"""Messages as read from a topic or a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """A message as read.

    Attributes:
        value: the bytes of the message.
        source: where the message was read: ``{"file", "line"}`` or ``{"topic", "partition", "offset"}``.
    """

    value: bytes
    source: Mapping[str, Any]
