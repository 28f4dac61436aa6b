"""Concurrent uploads of single files, which all object stores have in common."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

CONCURRENCY = 10
"""Uploads in flight at once: the number of connections that the HTTP libraries keep open."""

_STABLE = "public, max-age=3600"
_CHANGING = "public, max-age=60"


CacheControl = Callable[[str], str]
"""Function that returns the Cache-Control header of a file by its name."""


class Objects(Protocol):
    """The objects of a store. Each method raises Rejected or Unavailable if it fails."""

    def put(self, artefact: Artefact) -> None:
        """Upload a file atomically. It replaces an earlier one."""

    def get(self, name: str) -> bytes:
        """Download a file."""


class ConcurrentStorage:
    """:class:`~certbeam.io.protocols.Storage` in a store that takes one file at a time."""

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
        """Wait for uploads in flight."""
        self._pool.shutdown()

    def _put(self, artefact: Artefact) -> Rejected | None:
        try:
            self._objects.put(artefact)
        except Rejected as error:
            return error
        return None


def private(name: str) -> str:  # noqa: ARG001 - the same for all names
    """Return the Cache-Control header of files that only certbeam reads."""
    return "private, no-store"


def missing(name: str) -> Rejected:
    """Return the error for a file that is not in the storage."""
    return Rejected(ErrorCode.STORAGE_MISSING, f"{name} is not in the storage")


def cache_control(name: str) -> str:
    """Return the Cache-Control header of a public file: one hour, or one minute for keys and status lists."""
    folder = name.partition("/")[0] if "/" in name else ""
    return _CHANGING if folder in ("", "keys", "status") else _STABLE
