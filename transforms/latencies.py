"""Latency histograms of stages, as counters that every runner reports."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

LATENCY_NAMESPACE = "certbeam_latency"
LATENCY_BOUNDS = (1, 2, 5, 10, 20, 50, 100, 500)
"""Upper bounds in milliseconds.

The counter ``<stage>:<bound>`` is the number of elements that took at most so long; ``<stage>:Inf`` counts all. Flink
does not pass Beam's distributions to its metric reporters, and a mean has no percentiles.
"""

_NAMES = (*map(str, LATENCY_BOUNDS), "Inf")


class Latencies:
    """Number of elements for each bound."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Reset all numbers."""
        self._elements = [0] * len(_NAMES)

    def add(self, millis: float, elements: int) -> None:
        """Add elements that took ``millis`` milliseconds each."""
        self._elements[bisect_left(LATENCY_BOUNDS, millis)] += elements

    def counts(self) -> Iterator[tuple[str, int]]:
        """Yield each bound and the number of elements within it; bounds without elements are left out."""
        kept = zip(_NAMES, accumulate(self._elements), strict=True)
        return ((name, elements) for name, elements in kept if elements)
