"""The contracts of Users and Courses for the adapters with servers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from certbeam.io.port_table import COURSES, LEARNING_TABLES, USERS
from certbeam.tests.integration.platform_server import PlatformServer
from certbeam.tests.integration.redis_server import RedisServer
from certbeam.tests.io.contracts.test_courses import TestCourses
from certbeam.tests.io.contracts.test_users import TestUsers
from certbeam.tests.support import opener

__all__ = ["TestCourses", "TestUsers"]

Row = dict[str, Any]


@pytest.fixture
def cassandra(cassandra_address: str, tmp_path: Path) -> Callable[[str, tuple[Row, ...]], str]:
    """Return a function that writes rows to a table and returns the address of the adapter."""

    def put(table: str, rows: tuple[Row, ...]) -> str:
        (tmp_path / "lms.json").write_text(json.dumps({table: rows}))
        LEARNING_TABLES.open(cassandra_address)(tmp_path / "lms.json")
        return cassandra_address

    return put


@pytest.fixture(name="open_users", params=["cassandra", "http"])
def users_over_rows(request: pytest.FixtureRequest, platform: PlatformServer) -> Iterator[Callable[..., Any]]:
    def address(*rows: Row) -> str:
        if request.param == "cassandra":
            return request.getfixturevalue("cassandra")("users", rows)
        for row in rows:
            platform.state.put("user", row["id"], row)
        return platform.url

    yield from opener(lambda *rows: USERS.open(address(*rows)))


@pytest.fixture(name="open_courses", params=["cassandra", "http", "redis"])
def courses_over_rows(
    request: pytest.FixtureRequest, platform: PlatformServer
) -> Iterator[Callable[..., Any]]:
    def address(*rows: Row) -> str:
        if request.param == "cassandra":
            return request.getfixturevalue("cassandra")("courses", rows)
        cached = rows[:1] if request.param == "redis" else ()
        for row in rows[len(cached) :]:
            platform.state.put("content", row["identifier"], row)
        if request.param == "http":
            return platform.url
        server: RedisServer = request.getfixturevalue("redis_server")
        with Redis(port=server.port) as courses, Redis(port=server.port, db=5) as contents:
            courses.flushall()
            for row in cached:
                courses.set(row["identifier"], json.dumps({"name": row["name"]}))
                contents.set(row["identifier"], json.dumps({"content_type": row["contentType"]}))
        return f"redis://127.0.0.1:{server.port}?api={platform.url}"

    yield from opener(lambda *rows: COURSES.open(address(*rows)))
