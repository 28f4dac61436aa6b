"""Users out of their records."""

from certbeam.credentials.json_values import JsonObject
from certbeam.credentials.learning import User

_INACTIVE = 0
"""``status`` of a user record whose account is blocked."""


def user_of(record: JsonObject) -> User:
    """The user that a record, as the user API returns it, tells of."""
    return User(record, blocked=record.get("status") == _INACTIVE)
