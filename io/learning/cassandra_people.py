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
    """The users and courses in the keyspace of an address.

    Raises:
        FlagError: when the address is wrong, or the keyspace lacks a table.
        Unavailable: when no node answers.
    """
    return CassandraPeople(open_session(address, (_USER, _COURSE)))


class CassandraPeople:
    """:class:`~certbeam.io.protocols.Users` and ``Courses`` in the tables that ``certbeam lms load`` makes."""

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def users(self, ids: Collection[str]) -> Mapping[str, User]:
        """See :class:`~certbeam.io.protocols.Users`."""
        found = self._session.find(_USER, {one: (one,) for one in ids})
        return {one: parse_user(orjson.loads(row["record"])) for one, row in found.items()}

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject]:
        """See :class:`~certbeam.io.protocols.Courses`."""
        found = self._session.find(_COURSE, {one: (one,) for one in ids})
        return {one: orjson.loads(row["record"]) for one, row in found.items()}

    def close(self) -> None:
        """Close the session."""
        self._session.close()
