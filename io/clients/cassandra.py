"""Sessions of a Cassandra cluster, with prepared and concurrent statements and limited retries."""

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

ADDRESS = "cassandra://HOST[,HOST][:PORT]/KEYSPACE"

_PORT = 9042
_REQUEST_SECONDS = 10.0
_RETRY_SECONDS = 60.0
"""How long a statement is retried: longer than a node takes to restart."""
_MAX_WAIT_SECONDS = 5.0
_CONCURRENCY = 64
"""Statements of a session in flight at once. More would only be queued in the node."""

TRANSIENT_ERRORS = (
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
"""Transient errors, after which a statement is retried."""


@dataclass(frozen=True, slots=True)
class CassandraSettings:
    """Settings of a session.

    Attributes:
        hosts: names or IP addresses of nodes.
        port: port of all nodes.
        keyspace: name of the keyspace.
        datacenter: data centre whose nodes get the statements; an empty string for that of the first host.
        user: user name; an empty string to connect without login.
        password: the user's password.
        tls: file of certificate authorities, or ``system`` for those of the machine; an empty string for no TLS.
    """

    hosts: tuple[str, ...]
    port: int
    keyspace: str
    datacenter: str
    user: str
    password: str
    tls: str


def parse_settings(address: Address) -> CassandraSettings:
    """Parse ``cassandra://HOST[,HOST][:PORT]/KEYSPACE?datacenter=…&user=…&password_file=…&tls=…``.

    Raises:
        FlagError: with what is missing or wrong.
    """
    options = Options(address)
    authority, _, keyspace = options.location.removeprefix("//").partition("/")
    names, colon, port = authority.partition(":")
    hosts = tuple(host for host in names.split(",") if host)
    if not hosts or not keyspace.replace("_", "").isalnum():
        raise address.refuse(f"an address such as {ADDRESS} is needed")
    if colon and not port.isdecimal():
        raise address.refuse(
            f"{port!r} is not a port number; give one port for all hosts, after the last host"
        )
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
        raise address.refuse("give both user and password_file (or password_env), or neither of them")
    if settings.tls not in ("", "system") and not Path(settings.tls).is_file():
        raise address.refuse("tls must be 'system' or a file of certificate authorities")
    return settings


def open_session(address: Address, queries: Iterable[str] = ()) -> "CassandraSession":
    """Open a session and prepare queries.

    Raises:
        FlagError: if the address is wrong, or a table is missing.
        Unavailable: if no node answers.
    """
    settings = parse_settings(address)
    try:
        session = CassandraSession(settings)
        with _close_on_error(session):
            for query in queries:
                session.prepare(query)
    except cassandra.RequestValidationException as error:
        raise address.refuse(f"its tables cannot be used: {error}") from error
    return session


class CassandraSession:
    """Session that prepares each query once, executes statements concurrently, and retries transient errors.

    Consistency is LOCAL_QUORUM, and LOCAL_SERIAL for conditional writes. The driver does not retry, because it does
    not know which statements are idempotent.

    Raises:
        Unavailable: if no node answers.
        cassandra.InvalidRequest: if the keyspace does not exist.
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
            ssl_context=_tls_context(settings.tls),
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            reconnection_policy=ConstantReconnectionPolicy(1.0, max_attempts=None),
            # The driver's default of 2 s is too short for the first response of a busy node.
            connect_timeout=_REQUEST_SECONDS,
            control_connection_timeout=_REQUEST_SECONDS,
            max_schema_agreement_wait=_RETRY_SECONDS,
        )
        try:
            self._session: Session = self._cluster.connect()
            # Not an argument of connect(): that reports a missing keyspace as a node that does not answer.
            self._session.set_keyspace(settings.keyspace)
        except TRANSIENT_ERRORS as error:
            self._cluster.shutdown()
            raise Unavailable(ErrorCode.DATABASE_UNAVAILABLE, _reason(error)) from error
        except cassandra.RequestValidationException:
            self._cluster.shutdown()
            raise
        self._prepared: dict[tuple[str, int | None], PreparedStatement] = {}

    def prepare(self, query: str, consistency: int | None = None) -> PreparedStatement:
        """Return a prepared query. It is prepared only once.

        Args:
            query: the query.
            consistency: consistency level; None for that of the session.

        Raises:
            Unavailable: if no node prepares it in time.
            cassandra.InvalidRequest: if the keyspace does not have the table or a column.
        """
        prepared = self._prepared.get((query, consistency))
        if prepared is None:
            (prepared,) = self.retry([query], lambda queries: [self._prepare(queries[0])])
            prepared.consistency_level = consistency
            self._prepared[query, consistency] = prepared
        return prepared

    def run(self, query: str, parameters: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Execute an idempotent query with each list of parameters.

        Returns:
            The rows of each execution, in order.

        Raises:
            Unavailable: if an execution fails after all retries.
        """
        prepared = self.prepare(query)
        return self.retry(parameters, lambda left: self.attempt([prepared.bind(values) for values in left]))

    def find(self, query: str, parameters: Mapping[K, Sequence[Any]]) -> dict[K, Mapping[str, Any]]:
        """Return the first row of a query for each key's parameters. A key without a row is missing.

        Raises:
            Unavailable: if an execution fails after all retries.
        """
        results = self.run(query, list(parameters.values()))
        return {key: rows[0] for key, rows in zip(parameters, results, strict=True) if rows}

    def define(self, statement: str) -> None:
        """Execute a statement of data definition, and wait until all nodes have the schema."""
        self._session.execute(statement, timeout=_RETRY_SECONDS)

    def attempt(self, statements: Sequence[BoundStatement]) -> list[list[Any] | Exception]:
        """Execute statements once, concurrently.

        Returns:
            The rows of each statement, or its transient error, in order.

        Raises:
            cassandra.InvalidRequest: or another error that is not transient, which is an error of certbeam.
        """
        results: list[list[Any] | Exception] = []
        for success, result in execute_concurrent(
            self._session,
            [(statement, None) for statement in statements],
            concurrency=_CONCURRENCY,
            raise_on_first_error=False,
        ):
            if not success and not isinstance(result, TRANSIENT_ERRORS):
                raise result
            results.append(list(result) if success else result)
        return results

    def retry(self, items: Sequence[Any], attempt: Callable[[Sequence[Any]], Sequence[Any]]) -> list[Any]:
        """Attempt items, and retry those that fail, until none fails or the time is over.

        Args:
            items: the items.
            attempt: function that returns the result of each item, or its transient error.

        Returns:
            The results of the items, in order.

        Raises:
            Unavailable: if an item still fails at the end.
        """
        results: list[Any] = [None] * len(items)
        left = list(range(len(items)))

        def attempt_left() -> Exception | None:
            nonlocal left
            for position, result in zip(left, attempt([items[i] for i in left]), strict=True):
                results[position] = result
            left = [position for position in left if isinstance(results[position], Exception)]
            return results[left[0]] if left else None

        error = _retry_until_done(attempt_left)
        if error is not None:
            raise Unavailable(ErrorCode.DATABASE_UNAVAILABLE, _reason(error)) from error
        return results

    def close(self) -> None:
        """Close all connections."""
        self._cluster.shutdown()

    def _prepare(self, query: str) -> PreparedStatement | Exception:
        try:
            return self._session.prepare(query)
        except TRANSIENT_ERRORS as error:
            return error


@contextmanager
def _close_on_error(session: CassandraSession) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.close()
        raise


def _retry_until_done(attempt: Callable[[], Exception | None]) -> Exception | None:
    """Call a function until it returns no error or the time is over; return the last error."""
    retrying = Retrying(
        retry=retry_if_result(lambda error: error is not None),
        wait=wait_random_exponential(multiplier=0.1, max=_MAX_WAIT_SECONDS),
        stop=stop_after_delay(_RETRY_SECONDS),
        retry_error_callback=_last_result,
    )
    return retrying(attempt)


def _last_result(state: RetryCallState) -> Exception | None:
    return state.outcome.result() if state.outcome else None


def _tls_context(authorities: str) -> ssl.SSLContext | None:
    if not authorities:
        return None
    return ssl.create_default_context(cafile=None if authorities == "system" else authorities)


def _reason(error: Exception) -> str:
    # The driver's message may have the parameters of a statement, and thus personal data.
    causes = error.errors.values() if isinstance(error, NoHostAvailable) else ()
    reasons = [str(cause) for cause in causes if isinstance(cause, (OSError, cassandra.AuthenticationFailed))]
    return "; ".join([f"Cassandra does not answer: {type(error).__name__}", *dict.fromkeys(reasons)])
