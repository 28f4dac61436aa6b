"""The names of objects that a worker process has uploaded."""

import threading
from collections.abc import Iterable

from cachetools import LRUCache

_MAX_PUBLISHED = 50_000
"""Maximum number of names. An evicted name costs one more upload of the same bytes."""


class Published:
    """Names of objects that a process has uploaded and need not upload again. Threads may share it."""

    def __init__(self) -> None:
        self._names: LRUCache[str, None] = LRUCache(_MAX_PUBLISHED)
        self._lock = threading.Lock()

    def select_missing(self, names: Iterable[str]) -> list[str]:
        """Return the names that are not known to be uploaded, in order."""
        with self._lock:
            # A missing name gives self, because stored names have the value None.
            return [name for name in names if self._names.get(name, self) is self]

    def add(self, names: Iterable[str]) -> None:
        """Record that objects are uploaded."""
        with self._lock:
            self._names.update(dict.fromkeys(names))
