"""Whole runs of ``certbeam issue`` with each set of formats: python -m certbeam.bench.end_to_end [--users N]."""

import argparse
import tempfile
from pathlib import Path

from certbeam.bench.heavy_template import heavy_template
from certbeam.bench.make_input import Shape
from certbeam.bench.runs import (
    SIGNED,
    START,
    UNSIGNED,
    Case,
    Figures,
    Place,
    Start,
    figures,
    interleaved,
    print_figures,
    start,
)

KEYS = SIGNED[1]
HEAVY = "heavy-53kb.svg"


def measure(place: Place, users: int, rounds: int) -> tuple[Start, list[Figures]]:
    """Measure the start, each set of formats, and a template of 53 KB."""
    shape = Shape(users)
    cases = [
        Case("json, vc, svg: signed", shape),
        Case("json, svg: unsigned", shape, UNSIGNED),
        Case("json, vc, svg, pdf", shape, ("--formats=json,vc,svg,pdf", KEYS)),
        Case("json, vc, svg, png", shape, ("--formats=json,vc,svg,png", KEYS)),
        Case("json, vc, svg with a template of 53 KB", heavy_shape(place, users)),
    ]
    runs = interleaved(place, [START, *cases], rounds)
    return start(runs), figures(cases, runs)


def heavy_shape(place: Place, users: int) -> Shape:
    """Return the shape of an input with the template of 53 KB."""
    file = place.folder / HEAVY
    file.write_bytes(heavy_template())
    return Shape(users, template=str(file))


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--users", type=int, default=1000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        begin, cases = measure(Place(Path(folder)), arguments.users, arguments.rounds)
    print(f"start: {begin.wall['median']:.1f} s elapsed, {begin.cpu['median']:.1f} s of processor time")  # noqa: T201
    print_figures("formats", cases)


if __name__ == "__main__":
    main()
