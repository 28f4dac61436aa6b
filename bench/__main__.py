"""Run all benchmarks: python -m certbeam.bench FOLDER [--events 1000,10000] [--rounds N] (``make bench``).

It writes FOLDER/results.json and FOLDER/index.html, and removes all other files that it made.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from certbeam.bench import drawing, end_to_end, machine, scaling, signing, steps
from certbeam.bench.heavy_template import heavy_template
from certbeam.bench.make_input import EXAMPLES
from certbeam.bench.page import page
from certbeam.bench.runs import Place, note
from certbeam.stages.garbage_collection import tune_garbage_collection

FORMATS_USERS = 1000

INPUT = (
    "invented learners who have all completed their course, with names in seven scripts; unless stated otherwise, one"
    " learner in an event, the demo's template (two signatures, a QR code), and certificates in json, vc and svg,"
    " signed with Ed25519"
)


def measure(folder: Path, sizes: list[int], rounds: int) -> dict[str, Any]:
    """Run all benchmarks, and return their results by part.

    Args:
        folder: where to write inputs and outputs.
        sizes: the numbers of certificates.
        rounds: the number of runs of each case.

    Raises:
        DiskTooSmall: before a run, if the disk is too small.
    """
    place = Place(folder / "work")
    swept = scaling.needs_sweeping(place, max(sizes))
    facts = machine.facts(place.folder)
    start, other_processes = time.monotonic(), machine.OtherProcesses()
    results: dict[str, Any] = {"rounds": rounds, "swept": swept}
    note("steps")
    results |= steps.measure(place)
    results["names"] = drawing.measure_names()
    results["drawing"] = measure_templates()
    results["signing"] = signing.measure()
    note("formats")
    results["start"], results["formats"] = end_to_end.measure(place, FORMATS_USERS, rounds)
    note("numbers")
    results["number"] = scaling.measure_number(place, sizes, rounds, sweep=swept)
    note("learners in an event")
    results["users_per_event"] = scaling.measure_events(place, rounds)
    note("templates")
    results["templates"], results["cache_use"] = scaling.measure_templates(place, rounds)
    results["machine"] = facts | {
        "input": INPUT,
        "load_at_end": os.getloadavg(),
        "others_cores": other_processes.cores(),
        "seconds": time.monotonic() - start,
    }
    place.remove()
    return results


def measure_templates() -> dict[str, Any]:
    """Measure the demo's templates, and the template of 53 KB."""
    examples = sorted((EXAMPLES / "templates").glob("*.svg"))
    files = {path.name: path.read_bytes() for path in examples} | {"53 KB": heavy_template()}
    return {name: drawing.measure_template(svg) for name, svg in files.items()}


def main() -> None:
    """Run all benchmarks, and write the results and the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--events", type=scaling.sizes_of, default="1000,10000", metavar="N,N", help="numbers of certificates"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.absolute()
    tune_garbage_collection()
    try:
        results = measure(folder, arguments.events, arguments.rounds)
    except scaling.DiskTooSmall as error:
        sys.exit(str(error))
    body = orjson.dumps(results, option=orjson.OPT_INDENT_2)
    (folder / "results.json").write_bytes(body)
    (folder / "index.html").write_text(page(orjson.loads(body)), encoding="utf-8")
    print(f"{folder / 'index.html'}")  # noqa: T201


if __name__ == "__main__":
    main()
