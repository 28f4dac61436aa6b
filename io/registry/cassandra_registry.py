"""The certificate registry in Cassandra: production's table ``cert_registry`` (contracts §2.5)."""

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from certbeam.certificates.certificate import RegistryEntry
from certbeam.io.clients.cassandra import CassandraSession, open_session
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.registry.sqlite_registry import WRITER, is_of, row_of
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
# Every certificate has an access code; without that condition a row that is not there would be made.
_REVOKE = (
    "UPDATE cert_registry SET isrevoked = true, reason = ?, updatedat = ?, updatedby = ? WHERE id = ?"
    " IF isrevoked != true AND accesscode != null"
)


def open_cassandra_registry(address: Address) -> "CassandraRegistry":
    """The registry in the keyspace of an address.

    Raises:
        FlagError: when the address is wrong, or the keyspace lacks the table.
        Unavailable: when no node answers.
    """
    return CassandraRegistry(open_session(address, (_INSERT, _UPDATE, _RECIPIENT, _REVOKE)))


class CassandraRegistry:
    """:class:`~certbeam.io.protocols.Registry` in a keyspace such as ``sunbird``.

    All changes are conditional, and made twice they do what they do once: one that timed out is repeated.
    """

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        answers = [answer[0] for answer in self._session.run(_INSERT, [_row(entry) for entry in entries])]
        stale = [
            entry
            for entry, found in zip(entries, answers, strict=True)
            if found.get("data") not in (None, entry.data) and not found.get("isrevoked")
        ]
        self._session.run(_UPDATE, [_changed(entry) for entry in stale])
        return [_standing(answer) for answer in answers]

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        rows = self._session.run(_RECIPIENT, [(one.id,) for one in revocations])
        theirs = [
            bool(found) and is_of(one, found[0]["recipient"])
            for one, found in zip(revocations, rows, strict=True)
        ]
        known = [one for one, is_theirs in zip(revocations, theirs, strict=True) if is_theirs]
        self._session.run(_REVOKE, [(one.reason, _time(one.at), WRITER, one.id) for one in known])
        return theirs

    def close(self) -> None:
        """Close the session."""
        self._session.close()


def _row(entry: RegistryEntry) -> tuple[Any, ...]:
    return row_of(entry, _time(entry.created_at))


def _changed(entry: RegistryEntry) -> tuple[Any, ...]:
    identifier, access_code, created_at, _, *rest = _row(entry)
    return (access_code, created_at, *rest, identifier)


def _standing(answer: dict[str, Any]) -> RegistryState:
    """An insert that was not made answers with the row that stands there."""
    return RegistryState((answer.get("reason") or "no reason given") if answer.get("isrevoked") else None)


def _time(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, timezone.utc)
