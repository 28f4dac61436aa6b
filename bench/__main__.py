"""Measure everything: python -m certbeam.bench FOLDER [--events 1000,10000] [--rounds N] (``make bench``).

Writes FOLDER/results.json and FOLDER/index.html; what is made on the way is removed again.
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
    "invented learners who have all completed their course, an event each where nothing else is said, names in seven"
    " scripts, the demo's template (two signatures, a QR code); certificates in json, vc and svg, signed with Ed25519,"
    " where nothing else is said"
)


def measure(folder: Path, sizes: list[int], rounds: int) -> dict[str, Any]:
    """All results, by part; the shapes are those of the modules that measure them.

    Raises:
        DiskTooSmall: before anything is run.
    """
    place = Place(folder / "work")
    swept = scaling.needs_sweeping(place, max(sizes))
    facts = machine.facts(place.folder)
    begun, bystanders = time.monotonic(), machine.Bystanders()
    results: dict[str, Any] = {"rounds": rounds, "swept": swept}
    note("steps")
    results |= steps.measure(place)
    results["names"] = drawing.measure_names()
    results["drawing"] = drawn_templates()
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
        "others_cores": bystanders.cores(),
        "seconds": time.monotonic() - begun,
    }
    place.remove()
    return results


def drawn_templates() -> dict[str, Any]:
    """The costs of the demo's templates, and of one of 53 KB."""
    examples = sorted((EXAMPLES / "templates").glob("*.svg"))
    files = {path.name: path.read_bytes() for path in examples} | {"53 KB": heavy_template()}
    return {name: drawing.measure_template(svg) for name, svg in files.items()}


def main() -> None:
    """Measure, and write the results and the page."""
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
