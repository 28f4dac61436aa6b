"""Connections and columns of SQLite."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from certbeam.foundation.errors import Unavailable
from certbeam.io.clients.sqlite import (
    Database,
    create_table,
    from_column,
    parse_timestamp,
    to_column,
    utc_text,
)
from certbeam.tests.support import utc


@pytest.fixture
def database(tmp_path):
    made = Database(tmp_path / "some.db")
    with made.writing() as connection:
        connection.execute(create_table("one", {"id": "text", "number": "int"}, ("id",)))
    yield made
    made.close()


def count(database):
    with database.reading() as connection:
        return connection.execute("SELECT count(*) FROM one").fetchone()[0]


def insert(connection, identifier):
    connection.execute("INSERT INTO one VALUES (?, 1)", (identifier,))


def test_several_processes_can_be_the_first_to_open_a_file(tmp_path):
    # Without its care for that, of 1,800 openings two or three are refused.
    with ThreadPoolExecutor(12) as pool:
        for number in range(150):
            file = tmp_path / f"{number}.db"
            for opened in [pool.submit(Database, file) for _ in range(12)]:
                opened.result().close()


def test_a_failed_transaction_is_rolled_back(database):
    def add_and_fail():
        with database.writing() as connection:
            insert(connection, "a")
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    assert count(database) == 0


def test_an_error_of_the_database_is_unavailable(database):
    with pytest.raises(Unavailable) as error, database.reading() as connection:
        connection.execute("SELECT * FROM missing")
    assert error.value.code == "database-unavailable"


def test_the_connection_is_usable_after_an_error(database):
    with pytest.raises(Unavailable), database.writing() as connection:
        connection.execute("SELECT * FROM missing")
    with database.writing() as connection:
        insert(connection, "a")
    assert count(database) == 1


def test_threads_can_share_a_connection(database):
    def add(number):
        with database.writing() as connection:
            insert(connection, str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert count(database) == 40


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path):
    with pytest.raises(Unavailable):
        Database(tmp_path / "missing" / "some.db")


def test_an_existing_table_is_not_created_again(database):
    ddl = create_table("one", {"id": "text"}, ("id",))
    with database.writing() as connection:
        connection.execute(ddl)
        with pytest.raises(sqlite3.IntegrityError):
            connection.executemany("INSERT INTO one (id) VALUES (?)", [("a",), ("a",)])


@pytest.mark.parametrize(
    ("kind", "value", "stored", "back"),
    [
        ("text", "é", "é", "é"),
        ("int", 7, 7, 7),
        ("boolean", True, True, True),
        ("boolean", False, False, False),
        ("json", {"a": [1]}, '{"a":[1]}', {"a": [1]}),
        ("timestamp", "2026-03-31T10:15:00+05:30", "2026-03-31T04:45:00.000Z", utc(2026, 3, 31, 4, 45)),
        *[(kind, None, None, None) for kind in ("text", "int", "boolean", "json", "timestamp")],
    ],
)
def test_a_value_is_read_as_it_was_written(kind, value, stored, back):
    assert to_column(value, kind) == stored
    assert from_column(stored, kind) == back


def test_a_stored_number_is_read_as_a_boolean():
    assert from_column(1, "boolean") is True
    assert from_column(0, "boolean") is False


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-31T10:15:00Z", utc(2026, 3, 31, 10, 15)),
        ("2026-03-31T10:15:00.123Z", utc(2026, 3, 31, 10, 15, 0, 123_000)),
        ("2026-03-31T10:15:00", utc(2026, 3, 31, 10, 15)),
        ("2026-03-31", utc(2026, 3, 31)),
    ],
)
def test_a_time_without_a_zone_is_utc(written, expected):
    assert parse_timestamp(written) == expected
    assert parse_timestamp(written).tzinfo is not None


@pytest.mark.parametrize("written", ["", "Z", "soon", 7, None])
def test_a_value_that_is_not_a_time_is_refused(written):
    with pytest.raises(ValueError, match="is not a time like"):
        parse_timestamp(written)


def test_a_time_is_written_in_utc_in_milliseconds():
    moment = datetime(2026, 3, 31, 10, 15, 0, 123_999, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert utc_text(moment) == "2026-03-31T04:45:00.123Z"


@pytest.mark.parametrize(("number", "fits"), [(2**31 - 1, True), (1 - 2**31, True), (2**31, False)])
def test_an_int_that_does_not_fit_in_a_cassandra_int_is_rejected(number, fits):
    if fits:
        assert to_column(number, "int") == number
    else:
        with pytest.raises(ValueError, match="does not fit"):
            to_column(number, "int")


def test_committed_changes_survive_a_crash_and_readers_do_not_block_writers(tmp_path):
    database = Database(tmp_path / "a.db")
    with database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)  # NORMAL
    database.close()


def test_the_time_zone_of_the_worker_does_not_matter(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert parse_timestamp("2026-03-31T10:00:00") == utc(2026, 3, 31, 10)
        assert parse_timestamp("2026-03-31T10:00:00+05:30") == utc(2026, 3, 31, 4, 30)
        assert utc_text(utc(2026, 3, 31, 10, 0, 0, 1_999)) == "2026-03-31T10:00:00.001Z"
    finally:
        monkeypatch.undo()
        time.tzset()
