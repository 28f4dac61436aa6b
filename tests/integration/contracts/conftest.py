"""The addresses that each port's contract test is run against."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from certbeam.io.port_table import LEARNING_TABLES
from certbeam.issuing.learning_records import EnrolmentKey

Load = Callable[..., dict[str, int]]


@pytest.fixture(scope="session")
def cassandra_address(new_keyspace: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A keyspace with all tables for all contract tests. The tests use different ids."""
    address = new_keyspace()
    empty = tmp_path_factory.mktemp("empty") / "lms.json"
    empty.write_text("{}")
    LEARNING_TABLES.open(address)(empty)
    return address


@pytest.fixture(params=["sqlite", "cassandra"])
def lms_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "cassandra":
        return request.getfixturevalue("cassandra_address")
    return f"sqlite:{tmp_path / 'lms.db'}"


@pytest.fixture
def load(lms_address: str, tmp_path: Path) -> Load:
    """Load rows given by table."""

    def load_rows(**tables: list[dict[str, Any]]) -> dict[str, int]:
        source = tmp_path / f"{uuid.uuid4()}.json"
        source.write_text(json.dumps(tables))
        return LEARNING_TABLES.open(lms_address)(source)

    return load_rows


@pytest.fixture
def key() -> EnrolmentKey:
    """The key of an enrolment that no other test uses."""
    unique = uuid.uuid4().hex
    return EnrolmentKey(f"user-{unique}", f"course-{unique}", f"batch_{unique}")
