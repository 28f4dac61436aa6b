"""Faults of Cassandra: failed log-ins, missing tables, and a node that is killed and restarted."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.foundation.errors import Unavailable
from certbeam.io.port_table import LEARNING, LEARNING_TABLES, REGISTRY
from certbeam.io.protocols import IssuedChange
from certbeam.io.uri.address import FlagError
from certbeam.issuing.learning_records import EnrolmentKey

LEARNERS = 300


@pytest.fixture(scope="module")
def node() -> Iterator[CassandraNode]:
    """A node for this module that requires a password and is killed."""
    with CassandraNode(passwords=True) as node:
        yield node


@pytest.fixture
def address(node: CassandraNode, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CERTBEAM_PASSWORD", "cassandra")
    keyspace = node.keyspace(f"certbeam_{uuid.uuid4().hex[:8]}")
    return f"{keyspace}?datacenter=datacenter1&user=cassandra&password_env=CERTBEAM_PASSWORD"


def test_missing_tables_are_reported_before_a_run(address: str):
    with pytest.raises(FlagError, match="course_batch"):
        LEARNING.open(address)


def test_a_missing_keyspace_is_reported_before_a_run(address: str, node: CassandraNode):
    with pytest.raises(FlagError, match="nowhere"):
        REGISTRY.open(f"{node.uri}/nowhere?{address.partition('?')[2]}")


def test_a_wrong_password_is_rejected(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CERTBEAM_PASSWORD", "guess")
    with pytest.raises(Unavailable) as error:
        LEARNING.open(address)
    assert "guess" not in str(error.value)


def test_a_cluster_without_nodes_is_unavailable():
    with pytest.raises(Unavailable, match="Cassandra"):
        LEARNING.open("cassandra://127.0.0.1:1/k")


def test_updates_are_made_although_the_node_is_killed(address: str, node: CassandraNode, tmp_path: Path):
    keys = [EnrolmentKey(f"user-{number}", "course", "batch") for number in range(LEARNERS)]
    rows = [dict(zip(("userid", "courseid", "batchid"), key, strict=True)) for key in keys]
    source = tmp_path / "lms.json"
    source.write_text(json.dumps({"user_enrolments": rows}))
    LEARNING_TABLES.open(address)(source)
    records = LEARNING.open(address)
    changes = [IssuedChange(key, (), ({"name": "C", "identifier": f"id-{key.user_id}"},)) for key in keys]
    restart = threading.Thread(target=_kill_and_start, args=(node,))
    restart.start()
    try:
        made = records.replace_issued(changes)
        assert made == [True] * LEARNERS
        found = records.enrolments(keys)
        assert [found[change.key].issued for change in changes] == [change.after for change in changes]
    finally:
        restart.join()
        records.close()


def _kill_and_start(node: CassandraNode) -> None:
    time.sleep(0.5)
    node.kill()
    node.start()
