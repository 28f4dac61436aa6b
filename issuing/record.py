"""Messages as they are read, with their source."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One message as read.

    Attributes:
        value: the bytes of the message.
        source: where it stood: ``{"file", "line"}`` or ``{"topic", "partition", "offset"}``.
    """

    value: bytes
    source: Mapping[str, Any]
