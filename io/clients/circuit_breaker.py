"""A circuit breaker: it keeps callers from hammering a service that is down.

Our own, for the libraries' hold a lock while the call is made, and calls here are made many at a time.
"""

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """Closed until so many calls fail one after another; then open for a while; then one call tries for all.

    Args:
        most_failures: how many calls in a row may fail.
        open_seconds: how long nobody calls then.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        most_failures: int = 10,
        open_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_failures = most_failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0

    def may_call(self) -> bool:
        """Return True if a call is allowed. If True, the caller must report success or failure."""
        with self._lock:
            if self._failures < self._most_failures:
                return True
            now = self._clock()
            if now < self._closed_again_at:
                return False
            # This caller tries; the others wait as long again for what comes of it.
            self._closed_again_at = now + self._open_seconds
            return True

    def succeeded(self) -> None:
        """A call was answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """A call was not answered, or with a failure of the service."""
        with self._lock:
            self._failures += 1
            self._closed_again_at = self._clock() + self._open_seconds
