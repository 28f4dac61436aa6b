"""Files put one by one, many at a time: what all object stores have in common."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

CONCURRENCY = 10
"""Uploads under way at once; as many connections as the HTTP libraries keep open."""

_LASTING = "public, max-age=3600"
_CHANGING = "public, max-age=60"


CacheControl = Callable[[str], str]
"""The header that says how long readers may keep a file, by the file's name."""


class Objects(Protocol):
    """The objects of a store, one at a time. What goes wrong is raised as Rejected or Unavailable."""

    def put(self, artefact: Artefact) -> None:
        """Write a file whole, over what stands there."""

    def get(self, name: str) -> bytes:
        """Read a file."""


class ConcurrentStorage:
    """:class:`~certbeam.io.protocols.Storage` out of a store that puts one file at a time."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="certbeam-storage")

    def put(self, artefacts: Sequence[Artefact]) -> list[Rejected | None]:
        """See :class:`~certbeam.io.protocols.Storage`."""
        return list(self._pool.map(self._put, artefacts))

    def get(self, name: str) -> bytes:
        """See :class:`~certbeam.io.protocols.Storage`."""
        return self._objects.get(name)

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()

    def _put(self, artefact: Artefact) -> Rejected | None:
        try:
            self._objects.put(artefact)
        except Rejected as error:
            return error
        return None


def private(name: str) -> str:  # noqa: ARG001 - the same for all names
    """The header for files that nobody but certbeam reads."""
    return "private, no-store"


def missing(name: str) -> Rejected:
    """The error for a file that is not in the storage."""
    return Rejected(ErrorCode.STORAGE_MISSING, f"{name} is not in the storage")


def cache_control(name: str) -> str:
    """How long readers may keep a file: a certificate for an hour, keys and status lists for a minute."""
    folder = name.partition("/")[0] if "/" in name else ""
    return _CHANGING if folder in ("", "keys", "status") else _LASTING
