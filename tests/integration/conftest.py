"""Real servers, each started when a test first asks for it and stopped at the end of the run."""

import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gcp_storage_emulator.server import create_server
from google.cloud import storage

from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.java import EXPANSION_SERVICE, thin_jar
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.deploy.services.server import free_port
from certbeam.tests.integration.platform_server import PlatformServer


@pytest.fixture(scope="session", autouse=True)
def stop_in_order() -> None:
    """A run that is asked to end stops its servers first."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("asked to end", 143))


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


@pytest.fixture(scope="session")
def cloud_storage() -> Iterator[storage.Client]:
    """An emulator of Cloud Storage, which Google's library finds by itself, and a client of it."""
    port = free_port()
    emulator = create_server("127.0.0.1", port, in_memory=True)
    emulator.start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        yield storage.Client()
    emulator.stop()


@pytest.fixture
def bucket(cloud_storage: storage.Client) -> storage.Bucket:
    """A bucket that is empty."""
    return cloud_storage.create_bucket(f"certbeam-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[PlatformServer]:
    """The platform's HTTP services, with nothing in them."""
    server = PlatformServer(0, str(tmp_path / "platform.db"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def expansion_service() -> str:
    """The jar of ``make jars``."""
    return str(thin_jar("expansion", EXPANSION_SERVICE))
