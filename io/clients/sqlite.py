"""SQLite as certbeam uses it: connections that are safe to share, and columns of the production tables' types."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, TypeVar

import orjson
from tenacity import Retrying, retry_if_exception_message, stop_after_delay, wait_random

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.uri.address import Address, sqlite_file

ColumnType = Literal["text", "int", "boolean", "timestamp", "json"]

T = TypeVar("T")

_BUSY_SECONDS = 60.0
_MAX_INT = 2**31 - 1


def open_database(address: Address, adapter: Callable[[Path], T], *, must_exist: bool) -> T:
    """Open the adapter of a ``sqlite:`` address.

    Args:
        address: the address.
        adapter: what takes the file.
        must_exist: True if a missing file is an error.

    Raises:
        FlagError: if there is no such file, or it is not a SQLite database.
    """
    file = sqlite_file(address, must_exist=must_exist)
    try:
        return adapter(file)
    except sqlite3.DatabaseError as error:
        raise address.refuse(f"it is not a SQLite database: {error}") from error


class Database:
    """One connection to one file, shared by the threads of a process."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        with _unavailable():
            # Transactions are begun by hand (isolation_level None), for each must take the write lock first.
            self._connection = sqlite3.connect(
                file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            # Of several that are the first to open a file, SQLite refuses all but one at once, whatever the timeout.
            for attempt in Retrying(
                retry=retry_if_exception_message(match="database is locked"),
                stop=stop_after_delay(_BUSY_SECONDS),
                wait=wait_random(0.01, 0.1),
                reraise=True,
            ):
                with attempt:
                    self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reads that may see one state after another."""
        with self._lock, _unavailable():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection, in a transaction that holds the write lock from its beginning."""
        with self._lock, _unavailable():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable(
            ErrorCode.DATABASE_UNAVAILABLE, f"the SQLite database does not answer: {error}"
        ) from error


def create_table(
    name: str, columns: Mapping[str, ColumnType], key: tuple[str, ...], *, long_rows: bool = False
) -> str:
    """The DDL of a table, to be run where it is missing.

    Args:
        name: the table's.
        columns: their names and types.
        key: the columns of its primary key.
        long_rows: whether rows are kept in the order of their coming, beside an index of their keys, and not within
            it. With rows of 5 KB and random keys the latter costs two to three times as much time, more as the table
            grows, and half as much disk again; with short rows it costs less.
    """
    storage = {"int": "INTEGER", "boolean": "INTEGER"}
    body = ", ".join(f"{column} {storage.get(kind, 'TEXT')}" for column, kind in columns.items())
    ddl = f"CREATE TABLE IF NOT EXISTS {name} ({body}, PRIMARY KEY ({', '.join(key)}))"
    return ddl if long_rows else f"{ddl} WITHOUT ROWID"


def to_column(value: Any, kind: ColumnType) -> Any:
    """A JSON value as its column stores it.

    Raises:
        ValueError: when the value is not of the column's type.
    """
    if value is None:
        return None
    if kind == "json":
        return orjson.dumps(value).decode()
    if kind == "timestamp":
        return utc_text(parse_timestamp(value))
    if kind == "int" and isinstance(value, int) and abs(value) > _MAX_INT:
        raise ValueError(f"{value} does not fit in a Cassandra int")
    expected = {"text": str, "int": int, "boolean": bool}[kind]
    if not isinstance(value, expected) or (kind == "int" and isinstance(value, bool)):
        raise ValueError(f"{value!r} is not {'an' if kind == 'int' else 'a'} {kind}")
    return value


def from_column(value: Any, kind: ColumnType) -> Any:
    """A stored value as the domain reads it: booleans, aware datetimes, parsed JSON."""
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    if kind == "timestamp":
        return parse_timestamp(value)
    return orjson.loads(value) if kind == "json" else value


def parse_timestamp(value: Any) -> datetime:
    """An ISO 8601 text as an aware datetime; one without a zone is in UTC.

    Raises:
        ValueError: when it is not one.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a time like 2026-03-31T10:15:00Z")
    try:
        # Python 3.10 does not read the Z.
        moment = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a time like 2026-03-31T10:15:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def utc_text(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC, to the millisecond, as Cassandra keeps it."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
