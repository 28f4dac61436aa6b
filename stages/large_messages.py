"""The store of large messages: pipelines write parts of dead letters, and a replay reads them."""

import time
from collections.abc import Callable, Sequence

from cachetools import LRUCache

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.clients.circuit_breaker import CircuitBreaker
from certbeam.io.port_table import LARGE_MESSAGES
from certbeam.io.protocols import Storage
from certbeam.issuing.large_messages import Part
from certbeam.stages.published import Published

_OPEN_SECONDS = 60.0
"""Time without calls after a failure. A failing call may take as long, and dead letters wait for it."""

_MAX_CACHED_BYTES = 64 * 1024 * 1024
"""Maximum size of the parts that a replay caches. The letters of one event refer to the same part."""

_MEDIA_TYPE = "application/octet-stream"
"""Media type of parts. Browsers do not show it."""


class LargeMessages:
    """Writer of parts to the store. It writes each part once.

    Args:
        storage: the store, which is closed with this object.
        clock: returns a monotonic time in seconds.
    """

    def __init__(self, storage: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        self._storage = storage
        self._published = Published()
        self._breaker = CircuitBreaker(most_failures=1, open_seconds=_OPEN_SECONDS, clock=clock)

    def put(self, parts: Sequence[Part]) -> dict[str, Rejected]:
        """Write the parts that are not written yet, and return errors by name."""
        bodies = {part.name: part.body for part in parts}
        names = self._published.select_missing(bodies)
        if not names:
            return {}
        if not self._breaker.may_call():
            error = Unavailable(
                ErrorCode.STORAGE_UNAVAILABLE, "the store of large messages failed less than a minute ago"
            )
            return dict.fromkeys(names, error)
        results = self._storage.put([Artefact(name, _MEDIA_TYPE, (bodies[name],)) for name in names])
        errors = {name: error for name, error in zip(names, results, strict=True) if error}
        if errors:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        self._published.add(name for name in names if name not in errors)
        return errors

    def close(self) -> None:
        """Close the store."""
        self._storage.close()


class StoredMessages:
    """Reader of parts. It opens the store when it reads the first part.

    Args:
        address: address of the store, as in ``--large_messages``.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._storage: Storage | None = None
        self._bodies: LRUCache[str, bytes] = LRUCache(_MAX_CACHED_BYTES, getsizeof=len)
        self._errors: dict[str, tuple[ErrorCode, str]] = {}

    def fetch(self, name: str) -> bytes:
        """Return the body of a part.

        Raises:
            Rejected: ``large-message-missing`` if the store does not have the part; or another error of the store.
        """
        # Errors are cached too: thousands of letters may refer to a part that takes a minute to fail.
        if name in self._errors:
            raise Rejected(*self._errors[name])
        body = self._bodies.get(name)
        if body is None:
            try:
                body = self._read(name)
            except Rejected as error:
                self._errors[name] = error.code, error.reason
                raise
            if len(body) <= _MAX_CACHED_BYTES:
                self._bodies[name] = body
        return body

    def close(self) -> None:
        """Close the store if it was opened."""
        if self._storage is not None:
            self._storage.close()
            self._storage = None

    def _read(self, name: str) -> bytes:
        if self._storage is None:
            self._storage = LARGE_MESSAGES.open(self._address)
        try:
            return self._storage.get(name)
        except Unavailable:
            raise
        except Rejected as error:
            # The options of an address may name files with secrets.
            location = self._address.partition("?")[0]
            raise Rejected(
                ErrorCode.LARGE_MESSAGE_MISSING,
                f"{name} cannot be read from {location} ({error.code}): give the --large_messages of the run that wrote"
                " this dead letter",
            ) from error
