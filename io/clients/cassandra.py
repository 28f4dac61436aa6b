"""Sessions with a Cassandra cluster: addresses, prepared statements, many of them at once, retries that end."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import cassandra
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable, Session
from cassandra.concurrent import execute_concurrent
from cassandra.connection import ConnectionException
from cassandra.policies import (
    ConstantReconnectionPolicy,
    DCAwareRoundRobinPolicy,
    FallthroughRetryPolicy,
    TokenAwarePolicy,
)
from cassandra.protocol import IsBootstrappingErrorMessage, OverloadedErrorMessage, ServerError
from cassandra.query import BoundStatement, PreparedStatement, dict_factory
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_random_exponential

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.uri.address import Address
from certbeam.io.uri.options import Options

K = TypeVar("K")

Consistency = cassandra.ConsistencyLevel

SCHEME = "cassandra"
ADDRESS = "cassandra://HOST[,HOST][:PORT]/KEYSPACE"

_PORT = 9042
_REQUEST_SECONDS = 10.0
_RETRY_SECONDS = 60.0
"""How long a statement is tried again: a node that is started anew takes less."""
_MAX_WAIT_SECONDS = 5.0
_CONCURRENCY = 64
"""Statements under way at once in a session: more only queue in the node."""

MAY_HEAL = (
    cassandra.Timeout,
    cassandra.Unavailable,
    cassandra.OperationTimedOut,
    cassandra.CoordinationFailure,
    NoHostAvailable,
    ConnectionException,
    OverloadedErrorMessage,
    IsBootstrappingErrorMessage,
    ServerError,
)
"""What a node says that may do better later."""


@dataclass(frozen=True, slots=True)
class CassandraSettings:
    """A cluster, the keyspace in it, and how to come in.

    Attributes:
        datacenter: whose nodes are asked; "" for that of the first host.
        tls: file of the certificate authorities that vouch for the nodes, or ``system``; "" for no TLS.
    """

    hosts: tuple[str, ...]
    port: int
    keyspace: str
    datacenter: str
    user: str
    password: str
    tls: str


def cassandra_settings(address: Address) -> CassandraSettings:
    """The settings of ``cassandra://HOST[,HOST][:PORT]/KEYSPACE?datacenter=…&user=…&password_file=…&tls=…``.

    Raises:
        FlagError: naming what is missing or wrong.
    """
    options = Options(address)
    authority, _, keyspace = options.location.removeprefix("//").partition("/")
    names, colon, port = authority.partition(":")
    hosts = tuple(host for host in names.split(",") if host)
    if not hosts or not keyspace.replace("_", "").isalnum():
        raise address.refuse(f"an address such as {ADDRESS} is needed")
    if colon and not port.isdecimal():
        raise address.refuse(f"{port!r} is no port number; all hosts share the one behind the last")
    settings = CassandraSettings(
        hosts=hosts,
        port=int(port or _PORT),
        keyspace=keyspace,
        datacenter=options.take("datacenter"),
        user=options.take("user"),
        password=options.secret("password"),
        tls=options.take("tls"),
    )
    options.done()
    if bool(settings.user) != bool(settings.password):
        raise address.refuse("user and password_file (or password_env) are given together or not at all")
    if settings.tls not in ("", "system") and not Path(settings.tls).is_file():
        raise address.refuse("tls must be 'system' or a file of certificate authorities")
    return settings


def open_session(address: Address, queries: Iterable[str] = ()) -> "CassandraSession":
    """A session at an address, with these queries prepared.

    Raises:
        FlagError: for an address that is wrong, or a keyspace without the tables.
        Unavailable: when no node answers.
    """
    settings = cassandra_settings(address)
    try:
        session = CassandraSession(settings)
        with _closed_on_error(session):
            for query in queries:
                session.prepare(query)
    except cassandra.RequestValidationException as error:
        raise address.refuse(f"its tables cannot be used: {error}") from error
    return session


class CassandraSession:
    """A session whose statements are prepared once, run many at a time, and tried again while that may help.

    Consistency is LOCAL_QUORUM, LOCAL_SERIAL for conditional writes. The driver itself tries nothing again:
    only we know what may be repeated.

    Raises:
        Unavailable: when no node answers.
        cassandra.InvalidRequest: when there is no such keyspace.
    """

    def __init__(self, settings: CassandraSettings) -> None:
        nodes = TokenAwarePolicy(DCAwareRoundRobinPolicy(local_dc=settings.datacenter))
        profile = ExecutionProfile(
            load_balancing_policy=nodes,
            retry_policy=FallthroughRetryPolicy(),
            consistency_level=Consistency.LOCAL_QUORUM,
            serial_consistency_level=Consistency.LOCAL_SERIAL,
            request_timeout=_REQUEST_SECONDS,
            row_factory=dict_factory,
        )
        self._cluster = Cluster(
            settings.hosts,
            port=settings.port,
            auth_provider=PlainTextAuthProvider(settings.user, settings.password) if settings.user else None,
            ssl_context=_tls(settings.tls),
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            reconnection_policy=ConstantReconnectionPolicy(1.0, max_attempts=None),
            # The driver gives up a node that answers its first question after 2 s, as a busy one may.
            connect_timeout=_REQUEST_SECONDS,
            control_connection_timeout=_REQUEST_SECONDS,
            max_schema_agreement_wait=_RETRY_SECONDS,
        )
        try:
            self._session: Session = self._cluster.connect()
            # Named apart from the connecting: there the driver takes a keyspace that is missing for a dead node.
            self._session.set_keyspace(settings.keyspace)
        except MAY_HEAL as error:
            self._cluster.shutdown()
            raise Unavailable(ErrorCode.DATABASE_UNAVAILABLE, _reason(error)) from error
        except cassandra.RequestValidationException:
            self._cluster.shutdown()
            raise
        self._prepared: dict[tuple[str, int | None], PreparedStatement] = {}

    def prepare(self, query: str, consistency: int | None = None) -> PreparedStatement:
        """The query, prepared once.

        Raises:
            Unavailable: when no node prepares it in time.
            cassandra.InvalidRequest: when the keyspace has no such table or column.
        """
        known = self._prepared.get((query, consistency))
        if known is None:
            (known,) = self.persist([query], lambda queries: [self._prepare(queries[0])])
            known.consistency_level = consistency
            self._prepared[query, consistency] = known
        return known

    def run(self, query: str, keys: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """The rows that a query gives for each of many parameter lists; for queries that may be repeated.

        Raises:
            Unavailable: when some are still unanswered after all retries.
        """
        prepared = self.prepare(query)
        return self.persist(keys, lambda left: self.attempt([prepared.bind(key) for key in left]))

    def find(self, query: str, keys: Mapping[K, Sequence[Any]]) -> dict[K, Mapping[str, Any]]:
        """The row that a query gives for each key's parameters, where there is one.

        Raises:
            Unavailable: when some are still unanswered after all retries.
        """
        rows = self.run(query, list(keys.values()))
        return {key: found[0] for key, found in zip(keys, rows, strict=True) if found}

    def define(self, statement: str) -> None:
        """Run one statement of data definition, and wait until all nodes know of it."""
        self._session.execute(statement, timeout=_RETRY_SECONDS)

    def attempt(self, statements: Sequence[BoundStatement]) -> list[list[Any] | Exception]:
        """Run statements once each, many at a time: rows, or the error that may heal.

        Raises:
            cassandra.InvalidRequest: and other errors that do not heal, which are mistakes of ours.
        """
        results: list[list[Any] | Exception] = []
        for success, result in execute_concurrent(
            self._session,
            [(statement, None) for statement in statements],
            concurrency=_CONCURRENCY,
            raise_on_first_error=False,
        ):
            if not success and not isinstance(result, MAY_HEAL):
                raise result
            results.append(list(result) if success else result)
        return results

    def persist(self, items: Sequence[Any], attempt: Callable[[Sequence[Any]], Sequence[Any]]) -> list[Any]:
        """The results of all items, in order; those whose result is an error that may heal are tried again.

        Raises:
            Unavailable: when some of them are still errors at the end.
        """
        results: list[Any] = [None] * len(items)
        left = list(range(len(items)))

        def once() -> Exception | None:
            nonlocal left
            for position, result in zip(left, attempt([items[i] for i in left]), strict=True):
                results[position] = result
            left = [position for position in left if isinstance(results[position], Exception)]
            return results[left[0]] if left else None

        error = _retrying(once)
        if error is not None:
            raise Unavailable(ErrorCode.DATABASE_UNAVAILABLE, _reason(error)) from error
        return results

    def close(self) -> None:
        """Close all connections."""
        self._cluster.shutdown()

    def _prepare(self, query: str) -> PreparedStatement | Exception:
        try:
            return self._session.prepare(query)
        except MAY_HEAL as error:
            return error


@contextmanager
def _closed_on_error(session: CassandraSession) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.close()
        raise


def _retrying(attempt: Callable[[], Exception | None]) -> Exception | None:
    """Try until there is no error left or the time is up; the last error."""
    retrying = Retrying(
        retry=retry_if_result(lambda error: error is not None),
        wait=wait_random_exponential(multiplier=0.1, max=_MAX_WAIT_SECONDS),
        stop=stop_after_delay(_RETRY_SECONDS),
        retry_error_callback=_last_result,
    )
    return retrying(attempt)


def _last_result(state: RetryCallState) -> Exception | None:
    return state.outcome.result() if state.outcome else None


def _tls(authorities: str) -> ssl.SSLContext | None:
    if not authorities:
        return None
    return ssl.create_default_context(cafile=None if authorities == "system" else authorities)


def _reason(error: Exception) -> str:
    # The driver's message may hold the parameters of a statement, and with them a person's data.
    causes = error.errors.values() if isinstance(error, NoHostAvailable) else ()
    told = [str(cause) for cause in causes if isinstance(cause, (OSError, cassandra.AuthenticationFailed))]
    return "; ".join([f"Cassandra does not answer: {type(error).__name__}", *dict.fromkeys(told)])
