"""Users from the records of the user API."""

from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.learning_records import User

_INACTIVE = 0
"""``status`` of a user record whose account is blocked."""


def parse_user(record: JsonObject) -> User:
    """Return the user of a record of the user API."""
    return User(record, is_blocked=record.get("status") == _INACTIVE)
