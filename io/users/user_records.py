"""Users out of their records."""

from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.learning_records import User

_INACTIVE = 0
"""``status`` of a user record whose account is blocked."""


def user_of(record: JsonObject) -> User:
    """The user that a record, as the user API returns it, tells of."""
    return User(record, is_blocked=record.get("status") == _INACTIVE)
