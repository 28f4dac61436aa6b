"""What grows with what: python -m certbeam.bench.scaling [--events 1000,10000] [--rounds N].

Certificates in a run, learners in an event, templates in rotation, processes.
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
"""Sizes up to this one are run in every round, larger ones once."""

TIMES_THROUGH_BEAM = 10
"""Stages that do nothing are given so many times the events, or starting would be all there is to measure."""

EVENTS_USERS = 1000
TEMPLATES_USERS = 1000

_FILES_BYTES = 250_000
"""Of one certificate in json, vc and svg, with the demo's template; amply."""
_ROWS_BYTES = 8_000
"""Of one learner and certificate in the tables; amply."""
_MAX_SHARE = 0.6
"""Of the free disk that a run may fill."""


class DiskTooSmall(Exception):
    """There is no room for a run: says how much it takes."""


def measure_number(place: Place, sizes: Sequence[int], rounds: int, *, sweep: bool) -> list[Figures]:
    """The figures of each number of certificates; of the replay; of two processes; of Beam by itself.

    Args:
        place: where to run.
        sizes: the numbers; the largest of those that are run in every round is also replayed.
        rounds: how often.
        sweep: whether to remove the certificates while others are made.
    """
    shapes = [Shape(size, batches=max(2, size // USERS_IN_A_BATCH)) for size in sizes]
    cases = [Case(f"{one.users:,} certificates", one, sweep=sweep) for one in shapes]
    often = [one for one in cases if one.shape.users <= REPEATED] or cases[:1]
    often[-1] = replayed = replace(often[-1], again=True)
    once = cases[len(often) :]
    shape = replayed.shape
    more = replace(shape, users=shape.users * TIMES_THROUGH_BEAM)
    beside = [
        Case(f"{shape.users:,} by two processes", shape, SIGNED + TWO_PROCESSES, sweep=sweep),
        Case(f"{more.users:,} through Beam alone", more, program="beam"),
        Case(f"{more.users:,} through stages that do nothing", more, program="frame"),
    ]
    runs = interleaved(place, [START, *often, *beside], rounds) | interleaved(place, once, 1)
    return figures([*often, *once, replayed.replay, *beside], runs)


def needs_sweeping(place: Place, certificates: int) -> bool:
    """Whether the certificates would fill the disk, so that they must be removed while they are made.

    Raises:
        DiskTooSmall: when even the tables would.
    """
    room = shutil.disk_usage(place.folder).free * _MAX_SHARE
    tables = certificates * _ROWS_BYTES
    if tables > room:
        raise DiskTooSmall(
            f"{certificates:,} certificates need {tables / _MAX_SHARE / 1e9:.0f} GB of free disk for their"
            f" tables alone; there are {room / _MAX_SHARE / 1e9:.0f} GB"
        )
    files = certificates * _FILES_BYTES
    if files + tables > room:
        note(
            f"{files / 1e9:.0f} GB of certificates have no room here: they are removed while others are made"
        )
    return files + tables > room


def measure_events(place: Place, rounds: int, users: int = EVENTS_USERS) -> list[Figures]:
    """The figures of events that name so many learners each."""
    cases = [
        Case(f"{named} learner{'s' * (named > 1)} an event", Shape(users, batches=4, users_per_event=named))
        for named in LEARNERS_IN_AN_EVENT
    ]
    return figures(cases, interleaved(place, [START, *cases], rounds))


def template_cases(users: int) -> list[Case]:
    """So many templates in rotation; and the most of them with a cache that holds only a few."""
    shapes = [Shape(users, batches=max(TEMPLATES), templates=count, mixed=True) for count in TEMPLATES]
    cases = [Case(f"{one.templates} template{'s' * (one.templates > 1)}", one) for one in shapes]
    last = cases[-1]
    return [*cases, replace(last, name=f"{last.name}, cache of 1 MB", flags=SIGNED + SMALL_CACHE)]


def measure_templates(
    place: Place, rounds: int, users: int = TEMPLATES_USERS
) -> tuple[list[Figures], dict[str, dict[str, int]]]:
    """The figures of so many templates in rotation, and by the same names what their cache counted."""
    cases = template_cases(users)
    uses = {case.name: cache_use(place, case) for case in cases}
    return figures(cases, interleaved(place, [START, *cases], rounds)), uses


def cache_use(place: Place, case: Case) -> dict[str, int]:
    """Hits, misses and evictions of the cache of templates, from a run in this process."""
    with place.installed(case.shape) as root:
        job = place.job(case, root)
        for flag, address in job.sinks.items():
            prepare_sink(flag, address)
        counted = run_pipeline(job, beam_options([], known=[]), progress=False).counted("template-cache")
    return {event: counted.get(event, 0) for event in ("hits", "misses", "evictions")}


def sizes_of(text: str) -> list[int]:
    """The numbers in ``1000,10000``, the least first."""
    return sorted(map(int, text.split(",")))


def main() -> None:
    """Measure and print."""
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
