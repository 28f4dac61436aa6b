"""Limits of the size of a message to a sink, in bytes of its key and value."""

MAX_MESSAGE_BYTES = 1_000_000
"""Default: below the 1 MiB that Kafka's producers and brokers accept by default."""

LEAST_MESSAGE_BYTES = 1 << 16
"""Smallest limit: an outcome with the longest texts is nearly as large."""

MOST_MESSAGE_BYTES = 30_000_000
"""Largest limit: Kafka's producer buffers 32 MiB of messages in all (``buffer.memory``)."""
