"""Places on status lists in Cassandra (the tables of ``deploy/cassandra/status_slots.cql``)."""

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
_LIST = "INSERT INTO status_lists (installation, list) VALUES (0, ?)"
_LISTS = "SELECT list FROM status_lists WHERE installation = 0"


def open_cassandra_slots(address: Address) -> "CassandraStatusSlots":
    """The status lists' places in the keyspace of an address.

    Raises:
        FlagError: when the address is wrong, or the keyspace lacks a table.
        Unavailable: when no node answers.
    """
    return CassandraStatusSlots(open_session(address, (_CLAIM, _HOLDER, _REVOKE, _REVOKED, _LIST, _LISTS)))


class CassandraStatusSlots:
    """:class:`~certbeam.io.protocols.StatusSlots`; every statement may be made twice."""

    def __init__(self, session: CassandraSession) -> None:
        self._session = session
        self._noted: set[int] = set()

    def claim(self, wanted: Sequence[tuple[StatusListEntry, str]]) -> list[str]:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        self._note_lists({slot.list_number for slot, _ in wanted})
        claims = [(slot.list_number, slot.index, identifier) for slot, identifier in wanted]
        holders: list[str] = []
        for (_, identifier), (answer,) in zip(wanted, self._session.run(_CLAIM, claims), strict=True):
            # A claim that was not made answers with the row of who has the place: ourselves, on a replay.
            holders.append(identifier if answer["[applied]"] else answer["id"])
        return holders

    def holders(self, places: Sequence[StatusListEntry]) -> list[str | None]:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        found = self._session.run(_HOLDER, [(one.list_number, one.index) for one in places])
        return [rows[0]["id"] if rows else None for rows in found]

    def revoke(self, revoked: Sequence[tuple[StatusListEntry, int]]) -> None:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        self._session.run(_REVOKE, [(slot.list_number, slot.index, at) for slot, at in revoked])

    def revoked(self, number: int) -> RevokedIndexes:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        (rows,) = self._session.run(_REVOKED, [(number,)])
        newest = max((row["revokedat"] for row in rows), default=None)
        return RevokedIndexes(tuple(row["position"] for row in rows), newest)

    def lists(self) -> set[int]:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        (rows,) = self._session.run(_LISTS, [()])
        return {row["list"] for row in rows}

    def _note_lists(self, numbers: set[int]) -> None:
        # Before the claims: a list that is noted and empty does no harm, one that is not noted would be forgotten.
        new = numbers - self._noted
        self._session.run(_LIST, [(number,) for number in new])
        self._noted |= new

    def close(self) -> None:
        """Close the session."""
        self._session.close()
