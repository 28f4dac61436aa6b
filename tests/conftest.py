"""Real servers, each started when a test first asks for it and stopped at the end of the run."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.kafka_broker import KafkaBroker


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[KafkaBroker]:
    broker = KafkaBroker()
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="session")
def cassandra_node() -> Iterator[CassandraNode]:
    node = CassandraNode()
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="session")
def new_keyspace(cassandra_node: CassandraNode) -> Callable[[], str]:
    """Makes an empty keyspace and says its address."""

    def make() -> str:
        return cassandra_node.keyspace(f"certbeam_{uuid.uuid4().hex[:8]}")

    return make
