"""How long a stage's elements take, as counters that every runner shows."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

LATENCY_NAMESPACE = "certbeam_latency"
LATENCY_BOUNDS = (1, 2, 5, 10, 20, 50, 100, 500)
"""Milliseconds. The counter ``<stage>:<bound>`` tells how many elements took no longer; ``<stage>:Inf``, all of them.

A distribution would say it in one, but Flink shows its reporters none, and a mean has no percentiles.
"""

_NAMES = (*map(str, LATENCY_BOUNDS), "Inf")


class Latencies:
    """Elements by the smallest bound that they kept."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._elements = [0] * len(_NAMES)

    def add(self, millis: float, elements: int) -> None:
        """Count some elements, each of which took ``millis``."""
        self._elements[bisect_left(LATENCY_BOUNDS, millis)] += elements

    def counts(self) -> Iterator[tuple[str, int]]:
        """How many elements kept each bound; bounds that none kept are left out."""
        kept = zip(_NAMES, accumulate(self._elements), strict=True)
        return ((name, elements) for name, elements in kept if elements)
