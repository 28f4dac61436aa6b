"""SQLite connections that threads can share, and columns with the types of the production tables."""

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
        adapter: class of the adapter, which takes the file.
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
            # isolation_level=None: the adapter begins transactions itself, because each must get the write lock first.
            self._connection = sqlite3.connect(
                file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            # If several processes are the first to open a file, SQLite refuses all but one, despite the timeout.
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
        """Return the connection for reads, each of which may see a later state."""
        with self._lock, _unavailable():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Return the connection, in a transaction that has the write lock from its beginning."""
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
    """Return the statement that creates a table if it is missing.

    Args:
        name: name of the table.
        columns: types of the columns, by name.
        key: columns of the primary key.
        long_rows: True to keep rows in the order of insertion with a separate index; False to keep them in the index
            of the primary key. With rows of 5 KB and random keys, the latter takes two to three times as long, more
            as the table grows, and half as much disk again. With short rows it takes less.
    """
    storage = {"int": "INTEGER", "boolean": "INTEGER"}
    body = ", ".join(f"{column} {storage.get(kind, 'TEXT')}" for column, kind in columns.items())
    ddl = f"CREATE TABLE IF NOT EXISTS {name} ({body}, PRIMARY KEY ({', '.join(key)}))"
    return ddl if long_rows else f"{ddl} WITHOUT ROWID"


def to_column(value: Any, kind: ColumnType) -> Any:
    """Convert a JSON value for a column.

    Raises:
        ValueError: if the value does not have the column's type.
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
    """Convert the value of a column to a boolean, a datetime with a time zone, or parsed JSON."""
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    if kind == "timestamp":
        return parse_timestamp(value)
    return orjson.loads(value) if kind == "json" else value


def parse_timestamp(value: Any) -> datetime:
    """Parse an ISO 8601 time. A time without a zone is in UTC.

    Returns:
        A datetime with a time zone.

    Raises:
        ValueError: if the value is not an ISO 8601 time.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a time like 2026-03-31T10:15:00Z")
    try:
        # Python 3.10 does not parse the Z.
        moment = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a time like 2026-03-31T10:15:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def utc_text(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, in milliseconds, which is Cassandra's precision."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
