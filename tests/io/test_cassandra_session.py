"""Settings of the Cassandra driver, retries and errors, with a fake driver."""

from typing import Any, ClassVar

import cassandra
import pytest
from cassandra.cluster import EXEC_PROFILE_DEFAULT, NoHostAvailable
from cassandra.policies import DCAwareRoundRobinPolicy, FallthroughRetryPolicy, TokenAwarePolicy
from cassandra.query import dict_factory

from certbeam.foundation.errors import Unavailable
from certbeam.io.clients import cassandra as cassandra_cql
from certbeam.io.clients.cassandra import CassandraSession, Consistency, open_session, parse_settings
from certbeam.io.uri.address import FlagError, parse_address
from certbeam.tests.io.cassandra import Session

ADDRESS = parse_address("lms", "cassandra://one,two:9043/sunbird?datacenter=south")
HEALS = cassandra.OperationTimedOut()
DOES_NOT = cassandra.InvalidRequest("no such column: Asha Rao")


class Cluster:
    """A fake cluster that records its arguments; its session raises ``error``, if set."""

    error: Exception | None = None
    made: ClassVar[list["Cluster"]] = []

    def __init__(self, hosts: Any, **options: Any) -> None:
        self.hosts, self.options = hosts, options
        self.keyspace = ""
        self.closed = False
        self.made.append(self)

    def connect(self) -> "Cluster":
        return self

    def set_keyspace(self, keyspace: str) -> None:
        if self.error:
            raise self.error
        self.keyspace = keyspace

    def prepare(self, _query: str) -> Any:
        raise DOES_NOT

    def shutdown(self) -> None:
        self.closed = True


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cassandra_cql, "Cluster", Cluster)
    monkeypatch.setattr(Cluster, "error", None)
    monkeypatch.setattr(Cluster, "made", [])
    return Cluster


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cassandra_cql, "_RETRY_SECONDS", 0.1)


def test_statements_need_a_local_quorum(cluster):
    CassandraSession(parse_settings(ADDRESS))
    (made,) = cluster.made
    assert (made.hosts, made.options["port"], made.keyspace) == (("one", "two"), 9043, "sunbird")
    profile = made.options["execution_profiles"][EXEC_PROFILE_DEFAULT]
    assert profile.consistency_level == Consistency.LOCAL_QUORUM
    assert profile.serial_consistency_level == Consistency.LOCAL_SERIAL
    assert isinstance(profile.retry_policy, FallthroughRetryPolicy)
    assert isinstance(profile.load_balancing_policy, TokenAwarePolicy)
    assert isinstance(profile.load_balancing_policy._child_policy, DCAwareRoundRobinPolicy)
    assert profile.load_balancing_policy._child_policy.local_dc == "south"
    assert profile.row_factory is dict_factory
    assert made.options["auth_provider"] is made.options["ssl_context"] is None


def test_a_cluster_without_a_node_is_unavailable_and_closed(cluster, monkeypatch):
    monkeypatch.setattr(cluster, "error", NoHostAvailable("", {"one": OSError("refused")}))
    with pytest.raises(Unavailable, match="Cassandra does not answer: NoHostAvailable; refused"):
        CassandraSession(parse_settings(ADDRESS))
    assert cluster.made[0].closed


def test_a_missing_table_is_reported_with_the_flag(cluster):
    with pytest.raises(FlagError, match=r"^--lms=cassandra.*its tables cannot be used"):
        open_session(ADDRESS, ["SELECT x"])
    assert cluster.made[0].closed


def test_only_failed_statements_are_retried():
    session = Session([1], HEALS, [3], [2])
    assert session.run("q", [("a",), ("b",), ("c",)]) == [[1], [2], [3]]
    assert [statement.parameters for statement in session.made] == [("a",), ("b",), ("c",), ("b",)]


@pytest.mark.usefixtures("impatient")
def test_retries_are_limited_and_the_reason_has_no_parameters():
    session = Session(*[HEALS] * 100)
    with pytest.raises(Unavailable) as error:
        session.run("q", [("Asha Rao",)])
    assert error.value.reason == "Cassandra does not answer: OperationTimedOut"


def test_an_invalid_request_is_raised_at_once(monkeypatch):
    monkeypatch.setattr(cassandra_cql, "execute_concurrent", lambda *_, **__: [(False, DOES_NOT)])
    session = CassandraSession.__new__(CassandraSession)
    session._session = None
    with pytest.raises(cassandra.InvalidRequest):
        session.attempt(["statement"])


@pytest.mark.parametrize(
    "error", [HEALS, cassandra.WriteTimeout("", 0), cassandra.ReadTimeout(""), cassandra.Unavailable("")]
)
def test_transient_errors_are_returned_as_results(monkeypatch, error):
    monkeypatch.setattr(cassandra_cql, "execute_concurrent", lambda *_, **__: [(True, [1]), (False, error)])
    session = CassandraSession.__new__(CassandraSession)
    session._session = None
    assert session.attempt(["one", "two"]) == [[1], error]
