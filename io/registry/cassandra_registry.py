"""The certificate registry in Cassandra (``docs/contracts.md``, "cert_registry")."""

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from certbeam.certificates.certificate import RegistryEntry
from certbeam.io.clients.cassandra import CassandraSession, open_session
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.registry.sqlite_registry import WRITER, build_row, has_recipient
from certbeam.io.uri.address import Address

_INSERT = (
    "INSERT INTO cert_registry (id, accesscode, createdat, createdby, data, isrevoked, jsonurl, pdfurl,"
    " recipient, related) VALUES (?, ?, ?, ?, ?, false, ?, ?, ?, ?) IF NOT EXISTS"
)
_UPDATE = (
    "UPDATE cert_registry SET accesscode = ?, createdat = ?, data = ?, jsonurl = ?, pdfurl = ?, recipient = ?,"
    " related = ? WHERE id = ? IF isrevoked = false"
)
_RECIPIENT = "SELECT recipient FROM cert_registry WHERE id = ?"
# Every certificate has an access code. Without that condition, the update would create a missing row.
_REVOKE = (
    "UPDATE cert_registry SET isrevoked = true, reason = ?, updatedat = ?, updatedby = ? WHERE id = ?"
    " IF isrevoked != true AND accesscode != null"
)


def open_cassandra_registry(address: Address) -> "CassandraRegistry":
    """Open the registry in the keyspace of an address.

    Raises:
        FlagError: if the address is wrong, or the table is missing.
        Unavailable: if no node answers.
    """
    return CassandraRegistry(open_session(address, (_INSERT, _UPDATE, _RECIPIENT, _REVOKE)))


class CassandraRegistry:
    """:class:`~certbeam.io.protocols.Registry` in a keyspace such as ``sunbird``.

    All changes are conditional and idempotent, so that one without an answer can be repeated.
    """

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        results = self._session.run(_INSERT, [_insert_values(entry) for entry in entries])
        # An insert that was not applied returns the existing row.
        rows = [row for (row,) in results]
        outdated = [
            entry
            for entry, row in zip(entries, rows, strict=True)
            if row.get("data") not in (None, entry.data) and not row.get("isrevoked")
        ]
        self._session.run(_UPDATE, [_update_values(entry) for entry in outdated])
        return [_parse_state(row) for row in rows]

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        results = self._session.run(_RECIPIENT, [(revocation.id,) for revocation in revocations])
        are_revoked = [
            bool(rows) and has_recipient(revocation, rows[0]["recipient"])
            for revocation, rows in zip(revocations, results, strict=True)
        ]
        self._session.run(
            _REVOKE,
            [
                (revocation.reason, _time(revocation.at), WRITER, revocation.id)
                for revocation, is_revoked in zip(revocations, are_revoked, strict=True)
                if is_revoked
            ],
        )
        return are_revoked

    def close(self) -> None:
        """Close the session."""
        self._session.close()


def _insert_values(entry: RegistryEntry) -> tuple[Any, ...]:
    return build_row(entry, _time(entry.created_at))


def _update_values(entry: RegistryEntry) -> tuple[Any, ...]:
    certificate_id, access_code, created_at, _, *rest = _insert_values(entry)
    return (access_code, created_at, *rest, certificate_id)


def _parse_state(row: dict[str, Any]) -> RegistryState:
    return RegistryState((row.get("reason") or "no reason given") if row.get("isrevoked") else None)


def _time(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, timezone.utc)
