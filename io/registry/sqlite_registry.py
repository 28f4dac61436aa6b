"""The certificate registry in a SQLite file: the embedded default."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import orjson

from certbeam.certificates.certificate import RegistryEntry
from certbeam.io.clients.sqlite import ColumnType, Database, create_table, open_database, utc_text
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.uri.address import Address

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


_UPSERT = (
    "INSERT INTO cert_registry"
    " (id, accesscode, createdat, createdby, data, isrevoked, jsonurl, pdfurl, recipient, related)"
    " VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET accesscode = excluded.accesscode, createdat = excluded.createdat,"
    " data = excluded.data, jsonurl = excluded.jsonurl, pdfurl = excluded.pdfurl,"
    " recipient = excluded.recipient, related = excluded.related WHERE isrevoked = 0"
)
_REVOKE = """UPDATE cert_registry SET isrevoked = 1, reason = ?, updatedat = ?, updatedby = ?
    WHERE id = ? AND isrevoked = 0"""


def open_sqlite_registry(address: Address) -> "SqliteRegistry":
    """Open the file of ``sqlite:FILE``.

    Raises:
        FlagError: if it cannot be used.
    """
    return open_database(address, SqliteRegistry, must_exist=False)


class SqliteRegistry:
    """:class:`~certbeam.io.protocols.Registry` in one file; the table is made where missing."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file)
        with self._database.writing() as connection:
            connection.execute(create_table("cert_registry", COLUMNS, ("id",), long_rows=True))

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState]:
        """See :class:`~certbeam.io.protocols.Registry`; all entries are one transaction."""
        with self._database.writing() as connection:
            return [
                RegistryState(None)
                if connection.execute(_UPSERT, row_of(entry, _time(entry.created_at))).rowcount == 1
                else _standing(connection, entry.id)
                for entry in entries
            ]

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.Registry`; all revocations are one transaction."""
        with self._database.writing() as connection:
            return [_revoke(connection, one) for one in revocations]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def is_of(revocation: Revocation, recipient: str | None) -> bool:
    """Whether a certificate of ``recipient`` (the column, JSON) is the one that is meant (contracts §6.2)."""
    if revocation.recipient_id is None:
        return True
    held_by = orjson.loads(recipient) if recipient else {}
    return str(held_by.get("id")).lower() == revocation.recipient_id.lower()


def _revoke(connection: sqlite3.Connection, one: Revocation) -> bool:
    row = connection.execute("SELECT recipient FROM cert_registry WHERE id = ?", (one.id,)).fetchone()
    if row is None or not is_of(one, row[0]):
        return False
    connection.execute(_REVOKE, (one.reason, _time(one.at), WRITER, one.id))
    return True


def row_of(entry: RegistryEntry, created_at: Any) -> tuple[Any, ...]:
    """The columns of a new row of ``cert_registry``, with its time as the database takes it."""
    return (
        entry.id,
        entry.access_code,
        created_at,
        WRITER,
        entry.data,
        entry.json_url,
        entry.pdf_url,
        entry.recipient,
        entry.related,
    )


def _standing(connection: sqlite3.Connection, identifier: str) -> RegistryState:
    revoked, reason = connection.execute(
        "SELECT isrevoked, reason FROM cert_registry WHERE id = ?", (identifier,)
    ).fetchone()
    return RegistryState((reason or "no reason given") if revoked else None)


def _time(millis: int) -> str:
    return utc_text(datetime.fromtimestamp(millis / 1000, timezone.utc))
