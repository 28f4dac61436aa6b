"""A circuit breaker, which stops calls to a service that is down.

The libraries' circuit breakers hold a lock during a call, but certbeam makes calls concurrently.
"""

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """Circuit breaker that opens after consecutive failures, and lets a single call try again after a while.

    Args:
        most_failures: number of consecutive failures that open the circuit.
        open_seconds: how long the circuit stays open before the next try.
        clock: monotonic clock, in seconds.
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
        self._next_try_at = 0.0

    def may_call(self) -> bool:
        """Return True if a call is allowed. If True, the caller must report success or failure."""
        with self._lock:
            if self._failures < self._most_failures:
                return True
            now = self._clock()
            if now < self._next_try_at:
                return False
            # This caller tries. The others wait for the result for as long again.
            self._next_try_at = now + self._open_seconds
            return True

    def succeeded(self) -> None:
        """Report that a call was answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Report that a call was not answered, or that the service failed."""
        with self._lock:
            self._failures += 1
            self._next_try_at = self._clock() + self._open_seconds
