"""Status list indexes in Cassandra (the tables of ``deploy/cassandra/status_slots.cql``)."""

from collections.abc import Sequence

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.clients.cassandra import CassandraSession, open_session
from certbeam.io.uri.address import Address

TABLES = (
    "CREATE TABLE IF NOT EXISTS status_slots (list int, position int, id text, PRIMARY KEY ((list, position)))",
    "CREATE TABLE IF NOT EXISTS status_slots_revoked"
    " (list int, position int, revokedat bigint, PRIMARY KEY (list, position))",
    "CREATE TABLE IF NOT EXISTS status_lists (installation int, list int, PRIMARY KEY (installation, list))",
)

_CLAIM = "INSERT INTO status_slots (list, position, id) VALUES (?, ?, ?) IF NOT EXISTS"
_HOLDER = "SELECT id FROM status_slots WHERE list = ? AND position = ?"
_REVOKE = "INSERT INTO status_slots_revoked (list, position, revokedat) VALUES (?, ?, ?) IF NOT EXISTS"
_REVOKED = "SELECT position, revokedat FROM status_slots_revoked WHERE list = ?"
_ADD_LIST = "INSERT INTO status_lists (installation, list) VALUES (0, ?)"
_LISTS = "SELECT list FROM status_lists WHERE installation = 0"


def open_cassandra_status_lists(address: Address) -> "CassandraStatusLists":
    """Open the status list indexes in the keyspace of an address.

    Raises:
        FlagError: if the address is wrong, or a table is missing.
        Unavailable: if no node answers.
    """
    queries = (_CLAIM, _HOLDER, _REVOKE, _REVOKED, _ADD_LIST, _LISTS)
    return CassandraStatusLists(open_session(address, queries))


class CassandraStatusLists:
    """:class:`~certbeam.io.protocols.StatusLists`. Every statement is idempotent."""

    def __init__(self, session: CassandraSession) -> None:
        self._session = session
        self._recorded_lists: set[int] = set()

    def claim(self, claims: Sequence[tuple[StatusListEntry, str]]) -> list[str]:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        self._record_lists({entry.list_number for entry, _ in claims})
        parameters = [(entry.list_number, entry.index, certificate_id) for entry, certificate_id in claims]
        results = self._session.run(_CLAIM, parameters)
        # An insert that was not applied returns the existing row. On a replay, that is the certificate's own.
        return [
            certificate_id if row["[applied]"] else row["id"]
            for (_, certificate_id), (row,) in zip(claims, results, strict=True)
        ]

    def holders(self, entries: Sequence[StatusListEntry]) -> list[str | None]:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        results = self._session.run(_HOLDER, [(entry.list_number, entry.index) for entry in entries])
        return [rows[0]["id"] if rows else None for rows in results]

    def revoke(self, revoked: Sequence[tuple[StatusListEntry, int]]) -> None:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        self._session.run(_REVOKE, [(entry.list_number, entry.index, at) for entry, at in revoked])

    def revoked(self, number: int) -> RevokedIndexes:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        (rows,) = self._session.run(_REVOKED, [(number,)])
        newest = max((row["revokedat"] for row in rows), default=None)
        return RevokedIndexes(tuple(row["position"] for row in rows), newest)

    def lists(self) -> set[int]:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        (rows,) = self._session.run(_LISTS, [()])
        return {row["list"] for row in rows}

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def _record_lists(self, numbers: set[int]) -> None:
        # Before the claims: a recorded list without an index does no harm, but a list must not be missing.
        new = numbers - self._recorded_lists
        self._session.run(_ADD_LIST, [(number,) for number in new])
        self._recorded_lists |= new
