"""Medians with their spread, and the processor time of a step."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

_FEW = 8


class Spread(TypedDict):
    """Median and spread of measured values.

    ``low`` and ``high`` are the minimum and the maximum of few values, and the quartiles of many values. A pause by
    another process would distort the minimum or the maximum.
    """

    median: float
    low: float
    high: float
    count: int


def spread(values: Sequence[float]) -> Spread:
    """Return the median and spread of at least one value."""
    low, high = min(values), max(values)
    if len(values) >= _FEW:
        low, _, high = statistics.quantiles(values, n=4)
    return Spread(median=statistics.median(values), low=low, high=high, count=len(values))


def step_micros(step: Callable[[int], object], rounds: int, each: int = 1) -> Spread:
    """Measure the microseconds of this thread's processor time that a step takes for a certificate.

    Args:
        step: the step, which is called with the number of the round. It is first called with -1, which is not measured,
            so that work that is done only once is not part of the result.
        rounds: the number of measured calls.
        each: the number of certificates that a call processes.
    """
    step(-1)
    times = []
    for number in range(rounds):
        start = time.thread_time()
        step(number)
        times.append((time.thread_time() - start) / each * 1e6)
    return spread(times)


def print_steps(title: str, steps: Mapping[str, Spread]) -> None:
    """Print the microseconds of steps under a title."""
    print(title)  # noqa: T201
    for name, micros in steps.items():
        print(f"{micros['median']:10.1f} us  ({micros['low']:.1f} to {micros['high']:.1f})  {name}")  # noqa: T201
