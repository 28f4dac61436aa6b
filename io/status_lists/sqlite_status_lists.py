"""Places on status lists in a SQLite file, by default that of the registry."""

from collections.abc import Sequence
from pathlib import Path

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.clients.sqlite import ColumnType, Database, create_table, open_database
from certbeam.io.uri.address import Address

COLUMNS: dict[str, ColumnType] = {"list": "int", "position": "int", "id": "text", "revokedat": "int"}
"""``id`` is the certificate's; ``revokedat`` is in milliseconds since 1970, null while it is valid."""

_HOLDER = "SELECT id FROM status_slots WHERE list = ? AND position = ?"


def open_sqlite_slots(address: Address) -> "SqliteStatusSlots":
    """Open the file of ``sqlite:FILE``.

    Raises:
        FlagError: if it cannot be used.
    """
    return open_database(address, SqliteStatusSlots, must_exist=False)


class SqliteStatusSlots:
    """:class:`~certbeam.io.protocols.StatusSlots` in one file; the table is made where missing."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file)
        with self._database.writing() as connection:
            connection.execute(create_table("status_slots", COLUMNS, ("list", "position")))
            connection.execute(
                "CREATE INDEX IF NOT EXISTS status_slots_revoked ON status_slots (list) WHERE revokedat IS NOT NULL"
            )

    def claim(self, wanted: Sequence[tuple[StatusListEntry, str]]) -> list[str]:
        """See :class:`~certbeam.io.protocols.StatusSlots`; all claims are one transaction."""
        insert = "INSERT INTO status_slots (list, position, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        holders = []
        with self._database.writing() as connection:
            for slot, identifier in wanted:
                place = (slot.list_number, slot.index)
                if connection.execute(insert, (*place, identifier)).rowcount == 1:
                    holders.append(identifier)
                else:
                    holders.append(connection.execute(_HOLDER, place).fetchone()[0])
        return holders

    def holders(self, places: Sequence[StatusListEntry]) -> list[str | None]:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        with self._database.reading() as connection:
            rows = [connection.execute(_HOLDER, (one.list_number, one.index)).fetchone() for one in places]
        return [row[0] if row else None for row in rows]

    def revoke(self, revoked: Sequence[tuple[StatusListEntry, int]]) -> None:
        """See :class:`~certbeam.io.protocols.StatusSlots`; all are one transaction."""
        update = "UPDATE status_slots SET revokedat = ? WHERE list = ? AND position = ? AND revokedat IS NULL"
        with self._database.writing() as connection:
            connection.executemany(update, [(at, slot.list_number, slot.index) for slot, at in revoked])

    def revoked(self, number: int) -> RevokedIndexes:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        query = (
            "SELECT position, revokedat FROM status_slots WHERE list = ? AND revokedat IS NOT NULL ORDER BY 1"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (number,)).fetchall()
        return RevokedIndexes(
            tuple(position for position, _ in rows), max((at for _, at in rows), default=None)
        )

    def lists(self) -> set[int]:
        """See :class:`~certbeam.io.protocols.StatusSlots`."""
        with self._database.reading() as connection:
            return {number for (number,) in connection.execute("SELECT DISTINCT list FROM status_slots")}

    def close(self) -> None:
        """Close the file."""
        self._database.close()
