"""A fake Cassandra session that records statements and returns prepared results."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from certbeam.io.clients.cassandra import CassandraSession


class Statement(NamedTuple):
    """An executed statement."""

    query: str
    parameters: tuple[Any, ...]
    consistency: int | None


class _Prepared:
    def __init__(self, query: str) -> None:
        self.query = query
        self.consistency_level: int | None = None

    def bind(self, parameters: Sequence[Any]) -> Statement:
        return Statement(self.query, tuple(parameters), self.consistency_level)


class Session(CassandraSession):
    """Returns the given results in turn: rows, or an error that the session retries.

    Attributes:
        made: the executed statements.
    """

    def __init__(self, *answers: Any) -> None:
        self._prepared = {}
        self._answers = list(answers)
        self.made: list[Statement] = []

    def _prepare(self, query: str) -> Any:
        return _Prepared(query)

    def attempt(self, statements: Sequence[Any]) -> list[Any]:
        self.made += statements
        return [self._answers.pop(0) for _ in statements]

    def close(self) -> None:
        pass
