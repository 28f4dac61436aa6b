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
"""The columns of production (``docs/contracts.md``, "cert_registry")."""

WRITER = "certbeam"
"""Value of ``createdby`` and ``updatedby``."""

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
    """:class:`~certbeam.io.protocols.Registry` in one file. A missing table is created."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file)
        with self._database.writing() as connection:
            connection.execute(create_table("cert_registry", COLUMNS, ("id",), long_rows=True))

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState]:
        """See :class:`~certbeam.io.protocols.Registry`. All entries are one transaction."""
        with self._database.writing() as connection:
            return [
                RegistryState(None)
                if connection.execute(_UPSERT, build_row(entry, _time(entry.created_at))).rowcount == 1
                else _read_state(connection, entry.id)
                for entry in entries
            ]

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.Registry`. All revocations are one transaction."""
        with self._database.writing() as connection:
            return [_revoke(connection, revocation) for revocation in revocations]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def has_recipient(revocation: Revocation, recipient: str | None) -> bool:
    """Return True if a certificate's learner is the one of a revocation, or the revocation is for any learner.

    Args:
        revocation: the revocation.
        recipient: the certificate's ``recipient`` column, JSON.
    """
    if revocation.recipient_id is None:
        return True
    parsed = orjson.loads(recipient) if recipient else {}
    return str(parsed.get("id")).lower() == revocation.recipient_id.lower()


def _revoke(connection: sqlite3.Connection, revocation: Revocation) -> bool:
    row = connection.execute("SELECT recipient FROM cert_registry WHERE id = ?", (revocation.id,)).fetchone()
    if row is None or not has_recipient(revocation, row[0]):
        return False
    connection.execute(_REVOKE, (revocation.reason, _time(revocation.at), WRITER, revocation.id))
    return True


def build_row(entry: RegistryEntry, created_at: Any) -> tuple[Any, ...]:
    """Return the values of a new row of ``cert_registry``; ``created_at`` is in the database's type."""
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


def _read_state(connection: sqlite3.Connection, certificate_id: str) -> RegistryState:
    revoked, reason = connection.execute(
        "SELECT isrevoked, reason FROM cert_registry WHERE id = ?", (certificate_id,)
    ).fetchone()
    return RegistryState((reason or "no reason given") if revoked else None)


def _time(millis: int) -> str:
    return utc_text(datetime.fromtimestamp(millis / 1000, timezone.utc))
