"""Open and close the adapters for Cassandra, with a fake driver that records what is prepared."""

import sys
from typing import Any

import pytest

from certbeam.io.clients import cassandra as cassandra_client
from certbeam.io.port_table import COURSES, LEARNING, REGISTRY, STATUS_LISTS, USERS

ADDRESS = "cassandra://one/sunbird"
PORTS = [LEARNING, USERS, COURSES, REGISTRY, STATUS_LISTS]


class Driver:
    """Replaces the driver's cluster and its session."""

    def __init__(self) -> None:
        self.prepared: set[str] = set()
        self.closed = False

    def connect(self) -> "Driver":
        return self

    def set_keyspace(self, keyspace: str) -> None:
        pass

    def prepare(self, query: str) -> Any:
        self.prepared.add(query)
        return type("Prepared", (), {})()

    def shutdown(self) -> None:
        self.closed = True


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    driver = Driver()
    monkeypatch.setattr(cassandra_client, "Cluster", lambda *_, **__: driver)
    return driver


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.name)
def test_opening_prepares_every_statement_so_that_a_missing_table_is_found_before_the_first_event(
    port, driver
):
    adapter = port.open(ADDRESS)
    module = vars(sys.modules[type(adapter).__module__])
    statements = {
        value
        for value in module.values()
        if isinstance(value, str) and value.startswith(("SELECT ", "INSERT ", "UPDATE ", "DELETE "))
    }
    assert statements
    assert driver.prepared == statements
    assert not driver.closed


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.name)
def test_closing_closes_the_connections(port, driver):
    port.open(ADDRESS).close()
    assert driver.closed
