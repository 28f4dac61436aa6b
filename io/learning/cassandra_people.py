"""Users and courses in tables beside the learning records, for installations that have no APIs for them."""

from collections.abc import Collection, Mapping

import orjson

from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.cassandra import CassandraSession, open_session
from certbeam.io.uri.address import Address
from certbeam.io.users.user_records import parse_user
from certbeam.issuing.learning_records import User

_USER = "SELECT record FROM users WHERE id = ?"
_COURSE = "SELECT record FROM courses WHERE identifier = ?"


def open_cassandra_people(address: Address) -> "CassandraPeople":
    """Open the users and courses in the keyspace of an address.

    Raises:
        FlagError: if the address is wrong, or a table is missing.
        Unavailable: if no node answers.
    """
    return CassandraPeople(open_session(address, (_USER, _COURSE)))


class CassandraPeople:
    """:class:`~certbeam.io.protocols.Users` and ``Courses`` in the tables that ``certbeam lms load`` creates."""

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def users(self, ids: Collection[str]) -> Mapping[str, User]:
        """See :class:`~certbeam.io.protocols.Users`."""
        rows = self._session.find(_USER, {user_id: (user_id,) for user_id in ids})
        return {user_id: parse_user(orjson.loads(row["record"])) for user_id, row in rows.items()}

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject]:
        """See :class:`~certbeam.io.protocols.Courses`."""
        rows = self._session.find(_COURSE, {course_id: (course_id,) for course_id in ids})
        return {course_id: orjson.loads(row["record"]) for course_id, row in rows.items()}

    def close(self) -> None:
        """Close the session."""
        self._session.close()
