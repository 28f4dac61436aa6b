"""How large a message to a sink may be, in bytes of its key and value."""

MAX_MESSAGE_BYTES = 1_000_000
"""Where no flag says otherwise: below the 1 MiB that Kafka's producers and brokers take by default."""

LEAST_MESSAGE_BYTES = 1 << 16
"""The smallest bound that can be kept: an outcome line of the longest texts has nearly as many."""

MOST_MESSAGE_BYTES = 30_000_000
"""The largest bound: Kafka's producer holds 32 MiB of messages in all (``buffer.memory``)."""
