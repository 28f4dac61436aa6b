"""Loading a JSON file of learning records (``certbeam lms load``), here into SQLite."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from certbeam.io.clients.sqlite import Database, create_table, parse_timestamp, to_column
from certbeam.io.learning.tables import ALL, COURSES, USERS, Table
from certbeam.io.uri.address import Address, sqlite_file


class LoadError(ValueError):
    """A row that cannot be loaded: says which, and why."""


def open_sqlite_loader(address: Address) -> Callable[[Path], dict[str, int]]:
    """Return what loads a file of records into the database of ``sqlite:FILE``.

    Raises:
        FlagError: if the database's folder does not exist.
    """
    database = sqlite_file(address, must_exist=False)
    return lambda source: load_records(source, database)


def load_records(source: Path, database: Path) -> dict[str, int]:
    """Create the tables where missing and upsert every row of ``source``, all of them or none.

    Returns:
        Rows loaded, by table.

    Raises:
        LoadError: naming the table, the row and the column.
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
    """The rows of ``source``, checked, by table: the columns that each names, as SQLite stores them.

    ``source`` holds ``{"course_batch": […], "user_enrolments": […], "user_activity_agg": […], "users": […],
    "courses": […]}``, each optional. Rows use the column names of production in any case, with times as ISO
    8601; users and courses are records as the APIs return them.

    Raises:
        LoadError: naming the table, the row and the column.
    """
    tables = _read(source)
    known = {table.name: table for table in ALL}
    for name in tables:
        if name not in known:
            raise LoadError(f"{source}: {name!r} is no table; known: {', '.join(known)}")
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
        raise LoadError(f"{source} must hold an object of tables, each a list of rows")
    return tables


def _upsert(table: Table, columns: Iterable[str]) -> str:
    """As in Cassandra: columns that the row does not name stay as they are."""
    names = list(columns)
    changes = [f"{name} = excluded.{name}" for name in names if name not in table.key]
    action = f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING"
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"  # noqa: S608 - our own names
        f" ON CONFLICT ({', '.join(table.key)}) DO {action}"
    )


def _row(table: Table, number: int, row: Any) -> dict[str, Any]:
    """The columns that a row names, as they are stored."""
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
            found = f"text, not {values[name]!r}" if values.get(name) else "given"
            raise LoadError(f"{table.name} row {number}: {name} must be {found}, for it is part of the key")
    columns = {}
    for name, value in values.items():
        try:
            columns[name] = to_column(_checked(name, value), table.columns[name])
        except (ValueError, OverflowError) as error:
            raise LoadError(f"{table.name} row {number}: {name}: {error}") from error
    return columns


def _as_record(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A user or course, whole, under its id (contents are known as ``identifier`` or ``id``)."""
    return {table.key[0]: row.get("identifier") or row.get("id"), "record": row}


def _checked(column: str, value: Any) -> Any:
    """The value in the form that production's readers see; a wrong one is found here and not by a learner."""
    check = _CHECKS.get(column)
    return check(value) if check and value is not None else value


def _templates(value: Any) -> Any:
    """``map<text, frozen<map<text, text>>>``: inner values written as JSON are stored as text."""
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
