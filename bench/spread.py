"""Medians with their spread, and the time of a step."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

_FEW = 8


class Spread(TypedDict):
    """Measured values in short.

    Of few values ``low`` and ``high`` are the least and the greatest; of many, the quartiles, for somebody else's
    process between two of them would spoil the ends.
    """

    median: float
    low: float
    high: float
    count: int


def spread(values: Sequence[float]) -> Spread:
    """The median and spread of some values, at least one."""
    low, high = min(values), max(values)
    if len(values) >= _FEW:
        low, _, high = statistics.quantiles(values, n=4)
    return Spread(median=statistics.median(values), low=low, high=high, count=len(values))


def step_micros(step: Callable[[int], object], rounds: int, each: int = 1) -> Spread:
    """Microseconds of this thread's processor time that a step takes for one certificate.

    Args:
        step: is given the number of its round; once before the clock starts it is given -1, for what is made once.
        rounds: how often it is timed.
        each: how many certificates a round works on.
    """
    step(-1)
    times = []
    for number in range(rounds):
        begun = time.thread_time()
        step(number)
        times.append((time.thread_time() - begun) / each * 1e6)
    return spread(times)


def print_steps(title: str, steps: Mapping[str, Spread]) -> None:
    """Print the microseconds of some steps."""
    print(title)  # noqa: T201
    for name, taken in steps.items():
        print(f"{taken['median']:10.1f} us  ({taken['low']:.1f} to {taken['high']:.1f})  {name}")  # noqa: T201
