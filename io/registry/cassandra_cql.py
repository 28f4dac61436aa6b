"""The certificate registry in Cassandra: production's table ``cert_registry`` (contracts §2.5)."""

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from certbeam.credentials.certificates import RegistryEntry
from certbeam.io.addresses import Address
from certbeam.io.cassandra_cql import CassandraSession, open_session
from certbeam.io.ports import Revocation, Standing
from certbeam.io.registry.sqlite import WRITER

_INSERT = (
    "INSERT INTO cert_registry (id, accesscode, createdat, createdby, data, isrevoked, jsonurl, pdfurl,"
    " recipient, related) VALUES (?, ?, ?, ?, ?, false, ?, ?, ?, ?) IF NOT EXISTS"
)
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
    return CassandraRegistry(open_session(address, (_INSERT, _REVOKE)))


class CassandraRegistry:
    """:class:`~certbeam.io.ports.Registry` in a keyspace such as ``sunbird``.

    Both statements are conditional, and made twice they do what they do once: one that timed out is repeated.
    """

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def add(self, entries: Sequence[RegistryEntry]) -> list[Standing]:
        """See :class:`~certbeam.io.ports.Registry`."""
        answers = self._session.run(_INSERT, [_row(entry) for entry in entries])
        return [_standing(answer[0]) for answer in answers]

    def revoke(self, revocations: Sequence[Revocation]) -> None:
        """See :class:`~certbeam.io.ports.Registry`."""
        self._session.run(_REVOKE, [(one.reason, _time(one.at), WRITER, one.id) for one in revocations])

    def close(self) -> None:
        """Close the session."""
        self._session.close()


def _row(entry: RegistryEntry) -> tuple[Any, ...]:
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


def _standing(answer: dict[str, Any]) -> Standing:
    """An insert that was not made answers with the row that stands there."""
    return Standing((answer.get("reason") or "no reason given") if answer.get("isrevoked") else None)


def _time(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, timezone.utc)
