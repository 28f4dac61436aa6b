"""What a worker process has put in storage and need not put there again."""

import threading
from collections.abc import Iterable

from cachetools import LRUCache

_MAX_PUBLISHED = 50_000
"""Names that a process remembers; a name forgotten costs one more write of the same bytes."""


class Published:
    """The names of objects that a process has put in storage and need not put again; safe to share by threads."""

    def __init__(self) -> None:
        self._names: LRUCache[str, None] = LRUCache(_MAX_PUBLISHED)
        self._lock = threading.Lock()

    def lacking(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are not among them."""
        with self._lock:
            return [name for name in names if self._names.get(name, self) is self]

    def add(self, names: Iterable[str]) -> None:
        """Remember that these stand in storage."""
        with self._lock:
            self._names.update(dict.fromkeys(names))
