"""Build one HTML page from the results of a benchmark: ``python -m certbeam.bench.page RESULTS.json PAGE.html``."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import orjson

from certbeam.bench import plots

Result = Mapping[str, Any]
"""A part of ``results.json``."""

_STYLE = """
:root { --ink: #1d2430; --soft: #5b6472; --line: #dcd7cc; --page: #fbfaf7; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem clamp(1rem, 4vw, 3rem); background: var(--page);
  color: var(--ink); font: 1rem/1.5 "Noto Sans", system-ui, sans-serif; }
h1, h2 { font-family: "Noto Serif", Georgia, serif; font-weight: 500; line-height: 1.2; }
h2 { margin: 3rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
p { margin: .25rem 0 1rem; max-width: 46rem; }
.soft, small { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0 1rem; }
th, td { padding: .3rem .8rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { text-align: left; min-width: 11rem; }
th { max-width: 7rem; }
th { font-weight: 600; }
td small { display: block; white-space: nowrap; }
svg { max-width: 100%; height: auto; background: #fff; border: 1px solid var(--line); }
"""

_CASE_COLUMNS: Mapping[str, Callable[[Result], str]] = {
    "certificates": lambda case: f"{case['certificates']:,}",
    "elapsed, s": lambda case: _cell(case["wall"]),
    "processor time, s": lambda case: _cell(case["cpu"]),
    "certificates per second": lambda case: _cell(case["rate"]),
    "per second of processor time": lambda case: _cell(case["core_rate"]),
    "per second, once started": lambda case: _cell(case["steady_rate"]),
    "processor time each, once started, µs": lambda case: _cell(case["steady_micros"]),
    "times the first": lambda case: _cell(case["times_first"]),
    "memory, MB": lambda case: _cell(case["largest_mb"]),
    "stored each, KB": lambda case: f"{case['stored'] / 1e3:,.0f}",
}
"""The columns of the tables. “Times the first” is the ratio of the column before it, within a round."""


def page(results: Result) -> str:
    """Build the page as one file, without references to other files."""
    machine = results["machine"]
    sections = [
        _section("End to end", _end_to_end(results)),
        _section("Scaling", _scaling(results)),
        _section("Stage by stage", _stages(results)),
        _section("Step by step", _steps(results)),
        _section("Pictures", _pictures(results)),
        _section("Signatures", _signatures(results)),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>certbeam: performance</title><style>{_STYLE}</style>"
        f"<h1>Performance of certbeam</h1>{_machine(machine)}{''.join(sections)}"
        '<p class="soft">docs/performance.md explains the figures, and has those of a quiet machine.</p></html>'
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _machine(machine: Result) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    start, end = (
        ", ".join(f"{load:.1f}" for load in machine[name]) for name in ("load_at_start", "load_at_end")
    )
    facts = {
        "Measured": f"{machine['date']}, at commit {machine['commit']}, in {machine['seconds'] / 60:.1f} minutes",
        "Machine": f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gb']} GB of memory,"
        f" {machine['free_disk_gb']} GB of free disk, {machine['system']}",
        "Other processes": f"used {machine['others_cores']:.2f} cores on average; load {start} at the"
        f" start, {end} at the end",
        "Python": f"{machine['python']}; {libraries}",
        "Input": machine["input"],
    }
    rows = [
        f"<tr><th>{name}</th><td style='text-align:left'>{escape(text)}</td></tr>"
        for name, text in facts.items()
    ]
    return f"<table>{''.join(rows)}</table>"


def _end_to_end(results: Result) -> str:
    start, cases = results["start"], results["formats"]
    return (
        "<p>Each run is one process of <code>certbeam issue</code> with the embedded default: JSON lines, SQLite, a"
        " folder. The variants run in turn. The values are medians, with low and high below.</p>"
        f"<p>Start, measured as a run of one certificate: {_text(start['wall'])} s elapsed,"
        f" {_text(start['cpu'])} s of processor time, {_text(start['largest_mb'])} MB.</p>"
        + _rate_bars(cases)
        + _case_table(cases)
    )


def _scaling(results: Result) -> str:
    number = results["number"]
    sizes = [case for case in number if case["name"].endswith("certificates") and case["steady_micros"]]
    swept = (
        "<p>The disk was too small for all certificates. They were removed during the run.</p>"
        if results["swept"]
        else ""
    )
    return (
        "<h3>Certificates per run; a replay of issued certificates; two processes; Beam alone</h3>"
        + swept
        + f'<div class="wide">{_size_lines(sizes)}</div>'
        + _case_table(number)
        + "<p>“Through Beam alone” is a pipeline with the same number of stages, which only pass elements on. It reads"
        " and writes the same lines and is the lower limit. “Through stages that do nothing” uses certbeam’s stage"
        f" class for each. All processes of a run with two workers held {_together(number)} MB. Shared pages count"
        " once.</p>"
        + "<h3>Learners per event</h3>"
        + _case_table(results["users_per_event"])
        + "<h3>Templates in rotation</h3>"
        + _case_table(results["templates"])
        + _table(
            ["template cache", "hits", "misses", "evictions"],
            [[name, *(f"{count:,}" for count in use.values())] for name, use in results["cache_use"].items()],
        )
    )


def _size_lines(sizes: Sequence[Result]) -> str:
    if not sizes:
        return ""
    xs = [case["certificates"] for case in sizes]
    x_label = "certificates per run"
    cost = {"processor time, once started": [case["steady_micros"] for case in sizes]}
    memory = {"memory": [case["largest_mb"] for case in sizes]}
    return plots.lines(xs, cost, x_label, "µs of processor time per certificate") + plots.lines(
        xs, memory, x_label, "peak, MB"
    )


def _together(number: Sequence[Result]) -> str:
    return next(_text(case["together_mb"]) for case in number if "two processes" in case["name"])


def _stages(results: Result) -> str:
    stages = results["stages"]
    total = sum(stage["cpu"]["median"] for stage in stages)
    return (
        "<p>Each stage processes batches of 100, without Beam. Elapsed time beyond the processor time is waiting for"
        f" the disk or for other processes. The medians of the processor time add up to {total:,.0f} µs.</p>"
        + plots.bars(
            {stage["stage"]: [stage["cpu"], stage["wall"]] for stage in stages},
            ["processor time", "elapsed time"],
            "µs per certificate",
        )
    )


def _steps(results: Result) -> str:
    return (
        "<p>The steps of the stages, each measured alone, with the demo’s template. Storing, registering and claiming"
        " status list indexes are not included.</p>" + _step_bars(results["steps"], "µs per certificate")
    )


def _pictures(results: Result) -> str:
    drawing = results["drawing"]
    steps = list(next(iter(drawing.values())))
    return (
        "<p>µs of processor time for each template, with a name in Devanagari.</p>"
        + _table(["template", *steps], [[name, *map(_cell, each.values())] for name, each in drawing.items()])
        + "<h3>Typesetting a name</h3>"
        + _step_bars(results["names"], "µs per name")
    )


def _signatures(results: Result) -> str:
    return (
        "<p>µs of processor time for a credential, from request to signed JSON. openbadgeslib signs the same"
        " documents.</p>" + _step_bars(results["signing"], "µs per credential")
    )


def _step_bars(steps: Result, unit: str) -> str:
    return plots.bars({name: [spread] for name, spread in steps.items()}, ["processor time"], unit)


def _rate_bars(cases: Sequence[Result]) -> str:
    return plots.bars(
        {case["name"]: [case["rate"], case["core_rate"]] for case in cases},
        ["per second", "per second of processor time"],
        "certificates, with the start",
    )


def _case_table(cases: Sequence[Result]) -> str:
    rows = [[case["name"], *(cell(case) for cell in _CASE_COLUMNS.values())] for case in cases]
    return _table(["", *_CASE_COLUMNS], rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(spread: Result | None) -> str:
    if spread is None:
        return "–"
    low, high = _number(spread["low"]), _number(spread["high"])
    return f"{_number(spread['median'])}<small>{low} to {high}</small>"


def _text(spread: Result) -> str:
    return f"{_number(spread['median'])} ({_number(spread['low'])} to {_number(spread['high'])})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(page(orjson.loads(Path(sys.argv[1]).read_bytes())), encoding="utf-8")
