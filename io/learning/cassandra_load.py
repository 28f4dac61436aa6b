"""Load a JSON file of learning records into a Cassandra keyspace (``certbeam lms load``), for tests."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from certbeam.io.clients.cassandra import CassandraSession, open_session
from certbeam.io.clients.sqlite import ColumnType, from_column, parse_timestamp
from certbeam.io.learning.load import read_rows
from certbeam.io.learning.tables import (
    ALL,
    COURSE_BATCH,
    COURSES,
    USER_ACTIVITY_AGG,
    USER_ENROLMENTS,
    USERS,
    Table,
)
from certbeam.io.registry.sqlite_registry import COLUMNS as REGISTRY_COLUMNS
from certbeam.io.status_lists.cassandra_status_lists import TABLES as STATUS_LISTS
from certbeam.io.uri.address import Address

_KEYS = {
    COURSE_BATCH.name: "courseid, batchid",
    USER_ENROLMENTS.name: "userid, courseid, batchid",
    USER_ACTIVITY_AGG.name: "(activity_type, activity_id, user_id), context_id",
    USERS.name: "id",
    COURSES.name: "identifier",
    "cert_registry": "id",
}
"""The primary keys of production (``docs/contracts.md``, "Tables")."""

_COLLECTIONS = {
    "createdfor": "list<text>",
    "mentors": "list<text>",
    "cert_templates": "map<text, frozen<map<text, text>>>",
    "certificates": "list<frozen<map<text, text>>>",
    "issued_certificates": "list<frozen<map<text, text>>>",
    "contentstatus": "map<text, int>",
    "agg": "map<text, int>",
    "agg_last_updated": "map<text, timestamp>",
    "aggregates": "map<text, double>",
    "agg_details": "list<text>",
    "record": "text",
}
"""The types of the columns that SQLite stores as JSON."""


def open_cassandra_loader(address: Address) -> Callable[[Path], dict[str, int]]:
    """Return a function that loads a file of records into a keyspace; see :func:`load_into_cassandra`."""
    return lambda source: load_into_cassandra(source, address)


def load_into_cassandra(source: Path, address: Address) -> dict[str, int]:
    """Create missing tables, including the registry, and upsert every row of a file.

    Args:
        source: a file in the format of :func:`~certbeam.io.learning.load.read_rows`.
        address: the address of the keyspace.

    Returns:
        The number of rows, by table.

    Raises:
        LoadError: if a row is wrong, with the table, the row and the column; nothing is written then.
        FlagError: if the address is wrong, or the keyspace does not exist.
        Unavailable: if Cassandra does not answer.
    """
    rows = read_rows(source)
    session = open_session(address)
    try:
        for statement in create_statements():
            session.define(statement)
        for table in ALL:
            _insert(session, table, rows.get(table.name, []))
    finally:
        session.close()
    return {name: len(columns) for name, columns in rows.items()}


def create_statements() -> Iterator[str]:
    """Yield the statements that create the missing tables."""
    columns: dict[str, Mapping[str, ColumnType]] = {table.name: table.columns for table in ALL}
    columns["cert_registry"] = REGISTRY_COLUMNS
    for name, key in _KEYS.items():
        body = ", ".join(
            f"{column} {_COLLECTIONS.get(column, kind)}" for column, kind in columns[name].items()
        )
        yield f"CREATE TABLE IF NOT EXISTS {name} ({body}, PRIMARY KEY ({key}))"
    yield from STATUS_LISTS


def _insert(session: CassandraSession, table: Table, rows: list[dict[str, Any]]) -> None:
    by_columns: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
    for row in rows:
        by_columns[tuple(row)].append([_value(name, table.columns[name], row[name]) for name in row])
    for names, values in by_columns.items():
        placeholders = ", ".join("?" * len(names))
        session.run(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({placeholders})", values)  # noqa: S608 - our own names


def _value(name: str, kind: ColumnType, stored: Any) -> Any:
    """Convert a value of a SQLite column for the driver."""
    if name == "record":
        return stored
    value = from_column(stored, kind)
    if name == "agg_last_updated" and value is not None:
        return {key: parse_timestamp(moment) for key, moment in value.items()}
    return value
