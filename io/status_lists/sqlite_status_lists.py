"""Status list indexes in a SQLite file, by default that of the registry."""

from collections.abc import Sequence
from pathlib import Path

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.clients.sqlite import ColumnType, Database, create_table, open_database
from certbeam.io.uri.address import Address

COLUMNS: dict[str, ColumnType] = {"list": "int", "position": "int", "id": "text", "revokedat": "int"}
"""``id`` is the certificate's id. ``revokedat`` is in milliseconds since 1970, null while the certificate is valid."""

_HOLDER = "SELECT id FROM status_slots WHERE list = ? AND position = ?"


def open_sqlite_status_lists(address: Address) -> "SqliteStatusLists":
    """Open the file of ``sqlite:FILE``.

    Raises:
        FlagError: if it cannot be used.
    """
    return open_database(address, SqliteStatusLists, must_exist=False)


class SqliteStatusLists:
    """:class:`~certbeam.io.protocols.StatusLists` in one file. A missing table is created."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file)
        with self._database.writing() as connection:
            connection.execute(create_table("status_slots", COLUMNS, ("list", "position")))
            connection.execute(
                "CREATE INDEX IF NOT EXISTS status_slots_revoked ON status_slots (list) WHERE revokedat IS NOT NULL"
            )

    def claim(self, claims: Sequence[tuple[StatusListEntry, str]]) -> list[str]:
        """See :class:`~certbeam.io.protocols.StatusLists`. All claims are one transaction."""
        insert = "INSERT INTO status_slots (list, position, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        holders = []
        with self._database.writing() as connection:
            for entry, certificate_id in claims:
                key = (entry.list_number, entry.index)
                if connection.execute(insert, (*key, certificate_id)).rowcount == 1:
                    holders.append(certificate_id)
                else:
                    holders.append(connection.execute(_HOLDER, key).fetchone()[0])
        return holders

    def holders(self, entries: Sequence[StatusListEntry]) -> list[str | None]:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        with self._database.reading() as connection:
            rows = [
                connection.execute(_HOLDER, (entry.list_number, entry.index)).fetchone() for entry in entries
            ]
        return [row[0] if row else None for row in rows]

    def revoke(self, revoked: Sequence[tuple[StatusListEntry, int]]) -> None:
        """See :class:`~certbeam.io.protocols.StatusLists`. All revocations are one transaction."""
        update = "UPDATE status_slots SET revokedat = ? WHERE list = ? AND position = ? AND revokedat IS NULL"
        with self._database.writing() as connection:
            connection.executemany(update, [(at, entry.list_number, entry.index) for entry, at in revoked])

    def revoked(self, number: int) -> RevokedIndexes:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        query = (
            "SELECT position, revokedat FROM status_slots WHERE list = ? AND revokedat IS NOT NULL ORDER BY 1"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (number,)).fetchall()
        return RevokedIndexes(
            tuple(position for position, _ in rows), max((at for _, at in rows), default=None)
        )

    def lists(self) -> set[int]:
        """See :class:`~certbeam.io.protocols.StatusLists`."""
        with self._database.reading() as connection:
            return {number for (number,) in connection.execute("SELECT DISTINCT list FROM status_slots")}

    def close(self) -> None:
        """Close the file."""
        self._database.close()
