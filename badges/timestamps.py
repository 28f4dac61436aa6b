"""Times as badges write them: UTC, to the second."""

from datetime import datetime


def timestamp(moment: datetime) -> str:
    """``yyyy-MM-dd'T'HH:mm:ss'Z'`` of a moment in UTC."""
    # strftime would leave years before 1000 without their zeros.
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
