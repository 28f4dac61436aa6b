"""Scaling of time and memory: python -m certbeam.bench.scaling [--events 1000,10000] [--rounds N].

The cases vary the certificates per run, the learners per event, the templates in rotation, and the processes.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from certbeam.bench.make_input import Shape
from certbeam.bench.runs import (
    SIGNED,
    START,
    TWO_PROCESSES,
    Case,
    Figures,
    Place,
    figures,
    interleaved,
    note,
    print_figures,
)
from certbeam.io.events.json_lines import prepare_sink
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.pipelines.runners.run import run_pipeline

LEARNERS_IN_AN_EVENT = (1, 10, 100, 500)
TEMPLATES = (1, 10, 100)
SMALL_CACHE = ("--template_cache_mb=1",)

USERS_IN_A_BATCH = 500
REPEATED = 10_000
"""Sizes up to this one run in every round, larger sizes once."""

TIMES_THROUGH_BEAM = 10
"""Factor of the events for stages that do nothing. With fewer events, most of the time would be the start."""

EVENTS_USERS = 1000
TEMPLATES_USERS = 1000

_FILES_BYTES = 250_000
"""Upper limit of the files of a certificate in json, vc and svg, with the demo's template."""
_ROWS_BYTES = 8_000
"""Upper limit of the rows of a learner and a certificate."""
_MAX_SHARE = 0.6
"""Share of the free disk that a run may fill."""


class DiskTooSmall(Exception):
    """The disk is too small for a run. The message says how much space the run needs."""


def measure_number(place: Place, sizes: Sequence[int], rounds: int, *, sweep: bool) -> list[Figures]:
    """Measure each number of certificates, a replay, two processes, and Beam alone.

    Args:
        place: where to run.
        sizes: the numbers of certificates. The largest one that runs in every round is also replayed.
        rounds: the number of runs of each case.
        sweep: remove certificates during the run.
    """
    shapes = [Shape(size, batches=max(2, size // USERS_IN_A_BATCH)) for size in sizes]
    cases = [Case(f"{shape.users:,} certificates", shape, sweep=sweep) for shape in shapes]
    repeated = [case for case in cases if case.shape.users <= REPEATED] or cases[:1]
    repeated[-1] = replayed = replace(repeated[-1], again=True)
    once = cases[len(repeated) :]
    shape = replayed.shape
    more = replace(shape, users=shape.users * TIMES_THROUGH_BEAM)
    others = [
        Case(f"{shape.users:,} by two processes", shape, SIGNED + TWO_PROCESSES, sweep=sweep),
        Case(f"{more.users:,} through Beam alone", more, program="beam"),
        Case(f"{more.users:,} through stages that do nothing", more, program="frame"),
    ]
    runs = interleaved(place, [START, *repeated, *others], rounds) | interleaved(place, once, 1)
    return figures([*repeated, *once, replayed.replay, *others], runs)


def needs_sweeping(place: Place, certificates: int) -> bool:
    """Return True if the certificates would fill the disk, so that they must be removed during the run.

    Raises:
        DiskTooSmall: if the tables alone would fill it.
    """
    available = shutil.disk_usage(place.folder).free * _MAX_SHARE
    tables = certificates * _ROWS_BYTES
    if tables > available:
        raise DiskTooSmall(
            f"{certificates:,} certificates need {tables / _MAX_SHARE / 1e9:.0f} GB of free disk for their"
            f" tables alone, and the disk has {available / _MAX_SHARE / 1e9:.0f} GB: free some, or give fewer --events"
        )
    files = certificates * _FILES_BYTES
    if files + tables > available:
        note(f"{files / 1e9:.0f} GB of certificates do not fit on the disk: they are removed during the run")
    return files + tables > available


def measure_events(place: Place, rounds: int, users: int = EVENTS_USERS) -> list[Figures]:
    """Measure different numbers of learners per event."""
    cases = [
        Case(f"{count} learner{'s' * (count > 1)} an event", Shape(users, batches=4, users_per_event=count))
        for count in LEARNERS_IN_AN_EVENT
    ]
    return figures(cases, interleaved(place, [START, *cases], rounds))


def template_cases(users: int) -> list[Case]:
    """Return a case for each number of templates, and one for the largest number with a small cache."""
    shapes = [Shape(users, batches=max(TEMPLATES), templates=count, mixed=True) for count in TEMPLATES]
    cases = [Case(f"{shape.templates} template{'s' * (shape.templates > 1)}", shape) for shape in shapes]
    last = cases[-1]
    return [*cases, replace(last, name=f"{last.name}, cache of 1 MB", flags=SIGNED + SMALL_CACHE)]


def measure_templates(
    place: Place, rounds: int, users: int = TEMPLATES_USERS
) -> tuple[list[Figures], dict[str, dict[str, int]]]:
    """Measure different numbers of templates, and return also the counters of the template cache, by case."""
    cases = template_cases(users)
    uses = {case.name: cache_use(place, case) for case in cases}
    return figures(cases, interleaved(place, [START, *cases], rounds)), uses


def cache_use(place: Place, case: Case) -> dict[str, int]:
    """Count the hits, misses and evictions of the template cache in a run in this process."""
    with place.installed(case.shape) as root:
        job = place.job(case, root)
        for flag, address in job.sinks.items():
            prepare_sink(flag, address)
        counted = run_pipeline(job, beam_options([], known=[]), progress=False).counted("template-cache")
    return {event: counted.get(event, 0) for event in ("hits", "misses", "evictions")}


def sizes_of(text: str) -> list[int]:
    """Parse numbers such as ``1000,10000``, and sort them."""
    return sorted(map(int, text.split(",")))


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=sizes_of, default="1000,10000", metavar="N,N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        try:
            sweep = needs_sweeping(place, max(arguments.events))
        except DiskTooSmall as error:
            sys.exit(str(error))
        number = measure_number(place, arguments.events, arguments.rounds, sweep=sweep)
        print_figures("certificates in a run", number)
        print_figures("learners in an event", measure_events(place, arguments.rounds))
        templates, uses = measure_templates(place, arguments.rounds)
        print_figures("templates", templates)
        for name, use in uses.items():
            print(f"{name}: {use}")  # noqa: T201


if __name__ == "__main__":
    main()
