"""The learning platform's records, users and courses in one SQLite file: the embedded default."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.sqlite import Database, create_table, from_column, open_database, parse_timestamp
from certbeam.io.learning.aggregates import parse_scores
from certbeam.io.learning.tables import ALL, USER_ENROLMENTS
from certbeam.io.protocols import IssuedChange
from certbeam.io.uri.address import Address
from certbeam.io.users.user_records import parse_user
from certbeam.issuing.learning_records import BatchKey, Enrolment, EnrolmentKey, IssuedEntry, Scores, User

_READ_ISSUED = (
    "SELECT issued_certificates FROM user_enrolments WHERE userid = ? AND courseid = ? AND batchid = ?"
)
_WRITE_ISSUED = (
    "UPDATE user_enrolments SET issued_certificates = ? WHERE userid = ? AND courseid = ? AND batchid = ?"
)


def open_sqlite_learning(address: Address) -> "SqliteLearning":
    """Open the file of ``sqlite:FILE``.

    Raises:
        FlagError: if it cannot be used.
    """
    return open_database(address, SqliteLearning, must_exist=True)


class SqliteLearning:
    """:class:`~certbeam.io.protocols.LearningRecords`, ``Users`` and ``Courses`` over one file.

    The tables are those of production (``docs/contracts.md``, "Tables"). Missing ones are created.
    """

    def __init__(self, file: Path) -> None:
        self._database = Database(file)
        with self._database.writing() as connection:
            for table in ALL:
                connection.execute(create_table(table.name, table.columns, table.key))

    def batch_templates(self, keys: Collection[BatchKey]) -> Mapping[BatchKey, Mapping[str, JsonObject]]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        query = "SELECT cert_templates FROM course_batch WHERE courseid = ? AND batchid = ?"
        return {key: orjson.loads(row[0] or "{}") or {} for key, row in self._rows(query, keys)}

    def enrolments(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Enrolment]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        columns = USER_ENROLMENTS.columns
        query = f"SELECT {', '.join(columns)} FROM user_enrolments WHERE userid = ? AND courseid = ? AND batchid = ?"  # noqa: S608 - our own column names
        return {
            key: Enrolment(
                {
                    name: from_column(value, kind)
                    for (name, kind), value in zip(columns.items(), row, strict=True)
                }
            )
            for key, row in self._rows(query, keys)
        }

    def scores(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Scores]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        query = (
            "SELECT agg, aggregates, agg_last_updated FROM user_activity_agg"
            " WHERE activity_type = 'Course' AND user_id = ? AND activity_id = ? AND context_id = 'cb:' || ?"
        )
        return {key: _scores(row) for key, row in self._rows(query, keys)}

    def replace_issued(self, changes: Sequence[IssuedChange]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.LearningRecords`. All changes are one transaction."""
        with self._database.writing() as connection:
            return [_replace(connection, change) for change in changes]

    def users(self, ids: Collection[str]) -> Mapping[str, User]:
        """See :class:`~certbeam.io.protocols.Users`."""
        rows = self._rows("SELECT record FROM users WHERE id = ?", [(user_id,) for user_id in ids])
        return {user_id: parse_user(orjson.loads(record)) for (user_id,), (record,) in rows}

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject]:
        """See :class:`~certbeam.io.protocols.Courses`."""
        rows = self._rows(
            "SELECT record FROM courses WHERE identifier = ?", [(course_id,) for course_id in ids]
        )
        return {course_id: orjson.loads(record) for (course_id,), (record,) in rows}

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _rows(self, query: str, keys: Collection[Any]) -> list[tuple[Any, Any]]:
        """Return each key with the row that a query finds for it. A key without a row is missing."""
        with self._database.reading() as connection:
            rows = ((key, connection.execute(query, key).fetchone()) for key in keys)
            return [(key, row) for key, row in rows if row is not None]


def _replace(connection: sqlite3.Connection, change: IssuedChange) -> bool:
    row = connection.execute(_READ_ISSUED, change.key).fetchone()
    if row is None or _parse_entries(row[0]) != change.before:
        return False
    after = orjson.dumps([dict(entry) for entry in change.after]).decode()
    connection.execute(_WRITE_ISSUED, (after, *change.key))
    return True


def _parse_entries(column: str | None) -> tuple[IssuedEntry, ...]:
    return tuple(orjson.loads(column) or ()) if column else ()


def _scores(row: tuple[str | None, str | None, str | None]) -> Scores:
    agg, aggregates, updated = (orjson.loads(column) if column else {} for column in row)
    return parse_scores(agg, aggregates, {key: parse_timestamp(value) for key, value in updated.items()})
