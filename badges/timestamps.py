"""Timestamps of badges: UTC, to the second."""

from datetime import datetime, timezone
from typing import Any


def format_timestamp(moment: datetime) -> str:
    """Return a UTC time as ``yyyy-MM-dd'T'HH:mm:ss'Z'``."""
    # strftime does not pad years before 1000 with zeros.
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def format_millis(millis: int) -> str:
    """Return milliseconds since 1970 as a timestamp; the fraction of the second is cut off."""
    return format_timestamp(datetime.fromtimestamp(millis // 1000, timezone.utc))


def parse_timestamp(value: Any) -> datetime:
    """Parse an ISO 8601 time of a document; without an offset it is in UTC.

    Raises:
        ValueError: if it is not an ISO 8601 time.
    """
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
