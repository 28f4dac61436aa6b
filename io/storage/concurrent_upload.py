"""Files put one by one, many at a time: what all object stores have in common."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.errors import Rejected

CONCURRENCY = 10
"""Uploads under way at once; as many connections as the HTTP libraries keep open."""

_LASTING = "public, max-age=3600"
_CHANGING = "public, max-age=60"


class ConcurrentStorage:
    """:class:`~certbeam.io.ports.Storage` out of a function that puts one file.

    Args:
        put_one: writes a file whole, or raises :class:`~certbeam.foundation.errors.Rejected`.
    """

    def __init__(self, put_one: Callable[[Artefact], None]) -> None:
        self._put_one = put_one
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="certbeam-storage")

    def put(self, artefacts: Sequence[Artefact]) -> list[Rejected | None]:
        """See :class:`~certbeam.io.ports.Storage`."""
        return list(self._pool.map(self._put, artefacts))

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()

    def _put(self, artefact: Artefact) -> Rejected | None:
        try:
            self._put_one(artefact)
        except Rejected as error:
            return error
        return None


def cache_control(name: str) -> str:
    """How long readers may keep a file: a certificate for an hour, keys and status lists for a minute."""
    folder = name.partition("/")[0] if "/" in name else ""
    return _CHANGING if folder in ("", "keys", "status") else _LASTING
