"""The certificate registry in a SQLite file: the embedded default."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from certbeam.credentials.certificates import RegistryEntry
from certbeam.io.ports import Revocation, Standing
from certbeam.io.sqlite_tables import ColumnType, Database, create_table, utc_text

COLUMNS: dict[str, ColumnType] = {
    "id": "text",
    "accesscode": "text",
    "createdat": "timestamp",
    "createdby": "text",
    "data": "text",
    "isrevoked": "boolean",
    "jsonurl": "text",
    "pdfurl": "text",
    "reason": "text",
    "recipient": "text",
    "related": "text",
    "updatedat": "timestamp",
    "updatedby": "text",
}
"""``cert_registry`` as in production (contracts §2.5)."""

WRITER = "certbeam"
"""Who is written down as having made or changed a row."""


class SqliteRegistry:
    """:class:`~certbeam.io.ports.Registry` in one file; the table is made where missing."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file)
        with self._database.writing() as connection:
            connection.execute(create_table("cert_registry", COLUMNS, ("id",)))

    def add(self, entries: Sequence[RegistryEntry]) -> list[Standing]:
        """See :class:`~certbeam.io.ports.Registry`; all entries are one transaction."""
        insert = (
            "INSERT INTO cert_registry (id, accesscode, createdat, createdby, data, isrevoked, jsonurl, pdfurl,"
            " recipient, related) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
        )
        with self._database.writing() as connection:
            return [
                Standing(None)
                if connection.execute(insert, _row(entry)).rowcount == 1
                else _standing(connection, entry.id)
                for entry in entries
            ]

    def revoke(self, revocations: Sequence[Revocation]) -> None:
        """See :class:`~certbeam.io.ports.Registry`; all revocations are one transaction."""
        update = (
            "UPDATE cert_registry SET isrevoked = 1, reason = ?, updatedat = ?, updatedby = ?"
            " WHERE id = ? AND isrevoked = 0"
        )
        with self._database.writing() as connection:
            connection.executemany(
                update, [(one.reason, _time(one.at), WRITER, one.id) for one in revocations]
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _row(entry: RegistryEntry) -> tuple[str | None, ...]:
    return (
        entry.id,
        entry.access_code,
        _time(entry.created_at),
        WRITER,
        entry.data,
        entry.json_url,
        entry.pdf_url,
        entry.recipient,
        entry.related,
    )


def _standing(connection: sqlite3.Connection, identifier: str) -> Standing:
    revoked, reason = connection.execute(
        "SELECT isrevoked, reason FROM cert_registry WHERE id = ?", (identifier,)
    ).fetchone()
    return Standing((reason or "no reason given") if revoked else None)


def _time(millis: int) -> str:
    return utc_text(datetime.fromtimestamp(millis / 1000, timezone.utc))
