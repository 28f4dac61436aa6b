"""Real servers. Each is started for the first test that needs it, and stopped at the end of the run."""

import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from azure.storage.blob import ContainerClient
from gcp_storage_emulator.server import create_server
from google.cloud import storage
from moto.server import ThreadedMotoServer

from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.java import EXPANSION_SERVICE, thin_jar
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.deploy.services.server import free_port
from certbeam.tests.integration.azurite_server import Azurite
from certbeam.tests.integration.platform_server import PlatformServer
from certbeam.tests.integration.redis_server import RedisServer


@pytest.fixture(scope="session", autouse=True)
def stop_in_order() -> None:
    """Stop the servers before a run ends by a signal."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("asked to end", 143))


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[KafkaBroker]:
    with KafkaBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def cassandra_node() -> Iterator[CassandraNode]:
    with CassandraNode() as node:
        yield node


@pytest.fixture(scope="session")
def new_keyspace(cassandra_node: CassandraNode) -> Callable[[], str]:
    """Return a function that creates an empty keyspace and returns its address."""

    def make() -> str:
        return cassandra_node.keyspace(f"certbeam_{uuid.uuid4().hex[:8]}")

    return make


@pytest.fixture(scope="session")
def cloud_storage() -> Iterator[storage.Client]:
    """Run an emulator of Cloud Storage, set its address in the environment, and return a client."""
    port = free_port()
    emulator = create_server("127.0.0.1", port, in_memory=True)
    emulator.start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        yield storage.Client()
    emulator.stop()


@pytest.fixture
def bucket(cloud_storage: storage.Client) -> storage.Bucket:
    """An empty bucket."""
    return cloud_storage.create_bucket(f"certbeam-{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def s3() -> Iterator[Any]:
    """Run an emulator of S3, set its address in the environment, and return a client."""
    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "tests")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        yield boto3.client("s3", region_name="us-east-1")
    server.stop()


@pytest.fixture
def s3_bucket(s3: Any) -> str:
    """The name of an empty bucket."""
    name = f"certbeam-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with Azurite() as server:
        yield server


@pytest.fixture
def azure_container(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> ContainerClient:
    """An empty container; its account is in the environment."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azurite.connection)
    name = f"certbeam-{uuid.uuid4().hex[:8]}"
    client = ContainerClient.from_connection_string(azurite.connection, name)
    client.create_container()
    return client


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[PlatformServer]:
    """The HTTP services of the platform, without data."""
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
