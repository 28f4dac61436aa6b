"""Read a JSON file of learning records (``certbeam lms load``), and load it into SQLite."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from certbeam.io.clients.sqlite import Database, create_table, parse_timestamp, to_column
from certbeam.io.learning.tables import ALL, COURSES, USERS, Table
from certbeam.io.uri.address import Address, sqlite_file


class LoadError(ValueError):
    """A row that cannot be loaded; the message has the table, the row and the reason."""


def open_sqlite_loader(address: Address) -> Callable[[Path], dict[str, int]]:
    """Return a function that loads a file of records into the database of ``sqlite:FILE``.

    Raises:
        FlagError: if the database's folder does not exist.
    """
    database = sqlite_file(address, must_exist=False)
    return lambda source: load_records(source, database)


def load_records(source: Path, database: Path) -> dict[str, int]:
    """Create missing tables and upsert every row of a file in one transaction.

    Args:
        source: a file in the format of :func:`read_rows`.
        database: the SQLite file.

    Returns:
        The number of rows, by table.

    Raises:
        LoadError: if a row is wrong, with the table, the row and the column.
    """
    rows = read_rows(source)
    connection = Database(database)
    try:
        with connection.writing() as cursor:
            for table in ALL:
                cursor.execute(create_table(table.name, table.columns, table.key))
                for columns in rows.get(table.name, []):
                    cursor.execute(_upsert(table, columns), columns)
    finally:
        connection.close()
    return {name: len(columns) for name, columns in rows.items()}


def read_rows(source: Path) -> dict[str, list[dict[str, Any]]]:
    """Read and check the rows of a file.

    The file contains ``{"course_batch": […], "user_enrolments": […], "user_activity_agg": […], "users": […],
    "courses": […]}``, each member optional. Rows have the column names of production, in any case, and times in
    ISO 8601. Users and courses are records in the form of the APIs.

    Returns:
        The rows by table. A row has the columns that the file names, converted for SQLite.

    Raises:
        LoadError: if a row is wrong, with the table, the row and the column.
    """
    tables = _read(source)
    known = {table.name: table for table in ALL}
    for name in tables:
        if name not in known:
            raise LoadError(f"{source}: {name!r} is not a table; known: {', '.join(known)}")
    return {
        name: [_row(known[name], number, row) for number, row in enumerate(rows, start=1)]
        for name, rows in tables.items()
    }


def _read(source: Path) -> dict[str, list[Any]]:
    try:
        tables = orjson.loads(source.read_bytes())
    except orjson.JSONDecodeError as error:
        raise LoadError(f"{source} is not JSON: {error}") from error
    if not isinstance(tables, dict) or not all(isinstance(rows, list) for rows in tables.values()):
        raise LoadError(f"{source} must contain an object of tables, each a list of rows")
    return tables


def _upsert(table: Table, columns: Iterable[str]) -> str:
    """Return an upsert that, as in Cassandra, does not change columns that the row does not name."""
    names = list(columns)
    changes = [f"{name} = excluded.{name}" for name in names if name not in table.key]
    action = f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING"
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"  # noqa: S608 - our own names
        f" ON CONFLICT ({', '.join(table.key)}) DO {action}"
    )


def _row(table: Table, number: int, row: Any) -> dict[str, Any]:
    """Check a row, and return the columns that it names, converted for SQLite."""
    if not isinstance(row, Mapping):
        raise LoadError(f"{table.name} row {number} is not an object")
    values = (
        _as_record(table, row) if table in (USERS, COURSES) else {name.lower(): row[name] for name in row}
    )
    for name in values:
        if name not in table.columns:
            raise LoadError(f"{table.name} row {number}: there is no column {name!r}")
    for name in table.key:
        if not isinstance(values.get(name), str) or not values[name]:
            needed = f"text, not {values[name]!r}" if values.get(name) else "given"
            raise LoadError(f"{table.name} row {number}: {name} must be {needed}: it is part of the key")
    columns = {}
    for name, value in values.items():
        try:
            columns[name] = to_column(_checked(name, value), table.columns[name])
        except (ValueError, OverflowError) as error:
            raise LoadError(f"{table.name} row {number}: {name}: {error}") from error
    return columns


def _as_record(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a user or course: its id, from ``identifier`` or ``id``, and the whole record."""
    return {table.key[0]: row.get("identifier") or row.get("id"), "record": row}


def _checked(column: str, value: Any) -> Any:
    """Return the value of a column in the form that production's readers see, or raise ValueError."""
    check = _CHECKS.get(column)
    return check(value) if check and value is not None else value


def _templates(value: Any) -> Any:
    """Check a ``map<text, frozen<map<text, text>>>``, and convert inner JSON values to text."""
    if not isinstance(value, Mapping) or not all(
        isinstance(template, Mapping) for template in value.values()
    ):
        raise ValueError("must map template ids to objects")
    return {
        identifier: {
            name: field if isinstance(field, str) else orjson.dumps(field).decode()
            for name, field in template.items()
            if field is not None
        }
        for identifier, template in value.items()
    }


def _issued(value: Any) -> Any:
    if not isinstance(value, list) or not all(
        isinstance(entry, Mapping) and all(isinstance(field, str) for field in entry.values())
        for entry in value
    ):
        raise ValueError("must be a list of objects whose values are text")
    return value


def _numbers(value: Any) -> Any:
    if not isinstance(value, Mapping) or not all(
        isinstance(number, int | float) and not isinstance(number, bool) for number in value.values()
    ):
        raise ValueError("must map keys such as score:do_1 to numbers")
    return value


def _times(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("must map keys such as score:do_1 to times")
    for moment in value.values():
        parse_timestamp(moment)
    return value


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "cert_templates": _templates,
    "issued_certificates": _issued,
    "agg": _numbers,
    "aggregates": _numbers,
    "agg_last_updated": _times,
}
