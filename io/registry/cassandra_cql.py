"""The certificate registry in Cassandra: production's table ``cert_registry`` (contracts §2.5)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from certbeam.credentials.certificates import RegistryEntry
from certbeam.credentials.json_values import parse_object, text
from certbeam.io.addresses import Address
from certbeam.io.cassandra_cql import CassandraSession, open_session
from certbeam.io.ports import Revocation, Standing
from certbeam.io.registry.sqlite import WRITER

_INSERT = (
    "INSERT INTO cert_registry (id, accesscode, createdat, createdby, data, isrevoked, jsonurl, pdfurl,"
    " recipient, related) VALUES (?, ?, ?, ?, ?, false, ?, ?, ?, ?) IF NOT EXISTS"
)
_UPDATE = (
    "UPDATE cert_registry SET accesscode = ?, createdat = ?, data = ?, jsonurl = ?, pdfurl = ?, recipient = ?,"
    " related = ? WHERE id = ? IF isrevoked != true AND accesscode != null"
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
    """:class:`~certbeam.io.ports.Registry` in a keyspace such as ``sunbird``.

    All writes are conditional, and made twice they do what they do once: one that timed out is repeated.
    """

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def add(self, entries: Sequence[RegistryEntry]) -> list[Standing]:
        """See :class:`~certbeam.io.ports.Registry`."""
        # An insert that was not made answers with the row that stands there.
        answers = [answer[0] for answer in self._session.run(_INSERT, [_row(entry) for entry in entries])]
        standings = [_standing(answer) for answer in answers]
        stale = [
            entry
            for entry, answer, standing in zip(entries, answers, standings, strict=True)
            if standing.revoked is None and not answer["[applied]"] and _is_stale(answer, entry)
        ]
        self._session.run(_UPDATE, [(*_values(entry).values(), entry.id) for entry in stale])
        return standings

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """See :class:`~certbeam.io.ports.Registry`."""
        rows = self._session.run(_RECIPIENT, [(one.id,) for one in revocations])
        concerned = [
            bool(found) and one.concerns(_recipient_id(found[0]["recipient"]))
            for one, found in zip(revocations, rows, strict=True)
        ]
        wanted = [one for one, is_meant in zip(revocations, concerned, strict=True) if is_meant]
        # Of several for one certificate the first stands, so they are not made at once.
        for part in _apart(wanted):
            self._session.run(_REVOKE, [(one.reason, _time(one.at), WRITER, one.id) for one in part])
        return concerned

    def close(self) -> None:
        """Close the session."""
        self._session.close()


def _row(entry: RegistryEntry) -> tuple[Any, ...]:
    values = _values(entry)
    return (
        entry.id,
        values["accesscode"],
        values["createdat"],
        WRITER,
        *(values[name] for name in ("data", "jsonurl", "pdfurl", "recipient", "related")),
    )


def _values(entry: RegistryEntry) -> dict[str, Any]:
    """What may change of a certificate, by column, in the order of the update."""
    return {
        "accesscode": entry.access_code,
        "createdat": _time(entry.created_at),
        "data": entry.data,
        "jsonurl": entry.json_url,
        "pdfurl": entry.pdf_url,
        "recipient": entry.recipient,
        "related": entry.related,
    }


def _is_stale(row: Mapping[str, Any], entry: RegistryEntry) -> bool:
    created = row["createdat"].replace(tzinfo=timezone.utc) if row["createdat"] else None
    return {**row, "createdat": created} | _values(entry) != {**row, "createdat": created}


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing((row.get("reason") or "no reason given") if row.get("isrevoked") else None)


def _recipient_id(recipient: str | None) -> str:
    return text(parse_object((recipient or "{}").encode()), "id")


def _apart(revocations: Sequence[Revocation]) -> Iterator[list[Revocation]]:
    """The revocations in lists that name no certificate twice, the first ones first."""
    left = list(revocations)
    while left:
        part = {one.id: one for one in reversed(left)}
        yield list(part.values())
        left = [one for one in left if part[one.id] is not one]


def _time(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, timezone.utc)
