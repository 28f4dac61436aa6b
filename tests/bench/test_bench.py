"""Arithmetic, inputs and lower limit of the benchmark. Its measurements are not tested."""

from collections import Counter
from pathlib import Path

import orjson
import pytest

from certbeam.artwork.template import compile_template
from certbeam.bench import identity, steps
from certbeam.bench.heavy_template import SIZE, heavy_template
from certbeam.bench.machine import facts
from certbeam.bench.make_input import ASSETS, Shape, make_input
from certbeam.bench.page import page
from certbeam.bench.plots import bars, lines
from certbeam.bench.runs import START, Case, Place, Run, figures, start
from certbeam.bench.scaling import DiskTooSmall, cache_use, needs_sweeping
from certbeam.bench.spread import spread
from certbeam.io.templates.fonts import system_fonts
from certbeam.pipelines import issue
from certbeam.pipelines.assembly import name_of
from certbeam.tests.support import Platform, lines_of, present


@pytest.mark.parametrize(
    ("shape", "batches_of_events"),
    [
        (Shape(7, batches=2, users_per_event=2), "00 00 01 01"),
        (Shape(6, batches=3, mixed=True), "00 01 02 00 01 02"),
        (Shape(6, batches=2, users_per_event=2, mixed=True), "00 01 00"),
    ],
)
def test_every_learner_is_in_one_event(shape, batches_of_events):
    events = list(shape.events())
    users = Counter(user for event in events for user in event["edata"]["userIds"])
    assert users == Counter(user for user, _, _ in shape.learners())
    assert set(users.values()) == {1}
    assert len(users) == shape.users
    assert [event["edata"]["batchId"][-2:] for event in events] == batches_of_events.split()


def test_each_template_is_a_file_with_different_content(tmp_path):
    make_input(tmp_path, Shape(3, batches=3, templates=3))
    files = list((tmp_path / ASSETS / "templates").iterdir())
    assert len({file.read_bytes() for file in files}) == 3


def test_the_heavy_template_is_large_and_compiles(tmp_path):
    svg = heavy_template()
    assert svg == heavy_template()
    assert SIZE <= len(svg) < SIZE + 1000
    template = compile_template(svg, embed=str, fonts=system_fonts())
    assert {"recipientName", "courseName", "issuedDate", "signatory1Image"} <= template.required_variables


def test_the_spread_of_many_values_excludes_outliers():
    assert spread([3, 1, 2]) == {"median": 2, "low": 1, "high": 3, "count": 3}
    assert spread([*range(1, 100), 10_000])["high"] < 100


def run(wall, cpu, outcomes=1):
    return Run(wall, cpu, 10_000_000, 12_000_000, {"bytesStored": 100 * outcomes})


def test_the_time_of_the_start_is_subtracted():
    cases = [Case("ten", Shape(10)), Case("twenty", Shape(20)), Case("short", Shape(10))]
    runs = {
        START.name: [run(2, 1), run(4, 1)],
        "ten": [run(4, 2, 10), run(5, 3, 10)],
        "twenty": [run(13, 4, 20)],
        "short": [run(3, 1.01, 10)],
    }
    ten, twenty, short = figures(cases, runs)
    assert ten.rate["median"] == pytest.approx((10 / 4 + 10 / 5) / 2)
    assert ten.steady_micros == pytest.approx({"median": 150_000, "low": 1e5, "high": 2e5, "count": 2})
    assert present(twenty.steady_rate)["median"] == pytest.approx(2)
    assert present(twenty.times_first)["median"] == pytest.approx(1.5)
    assert (short.steady_micros, short.steady_rate, short.times_first) == (None, None, None)
    assert (ten.stored, ten.largest_mb["low"]) == (100, 10)


def test_a_cache_that_is_too_small_has_more_misses(tmp_path):
    place = Place(tmp_path)
    shape = Shape(44, batches=22, templates=22, mixed=True)
    assert cache_use(place, Case("large", shape)) == {"hits": 22, "misses": 22, "evictions": 0}
    small = Case("small", shape, (*START.flags, "--template_cache_mb=1"))
    assert cache_use(place, small)["misses"] == 44


def test_a_disk_that_is_too_small_is_reported_before_a_run(tmp_path):
    assert not needs_sweeping(Place(tmp_path), 1)
    with pytest.raises(DiskTooSmall, match=r"need .* GB"):
        needs_sweeping(Place(tmp_path), 10**12)


@pytest.mark.parametrize("framed", [[], ["--frame"]])
def test_the_lower_limit_writes_a_line_for_each_event(tmp_path, capsys, framed):
    make_input(tmp_path, Shape(30))
    sinks = [f"--{sink}={tmp_path / sink}" for sink in ("outcomes", "dead_letters", "audit")]
    identity.main([f"--input={tmp_path / 'events.jsonl'}", *sinks, *framed, "--json"])
    assert orjson.loads(capsys.readouterr().out)["outcomes"] == {"issued": 30}
    assert [len(lines_of(tmp_path / sink)) for sink in ("outcomes", "dead_letters", "audit")] == [30, 0, 30]


def test_the_lower_limit_has_the_stages_of_issue(tmp_path):
    worker = Platform(tmp_path).settings(signer="keys.json", status_slots="sqlite:slots.db")
    assert tuple(map(name_of, issue.stages(worker))) == identity.STAGES


def test_every_stage_and_step_of_issue_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "BATCH", 2)
    monkeypatch.setattr(steps, "ROUNDS", 1)
    measured = steps.measure(Place(tmp_path))
    assert tuple(cost.stage for cost in measured["stages"]) == identity.STAGES
    assert {spread["count"] for spread in measured["steps"].values()} == {1}


def test_plots_are_svg_elements():
    some = {"median": 2, "low": 1, "high": 3, "count": 3}
    for plot in (bars({"a & b": [some]}, ["x"], "ms"), lines([10, 100], {"x": [some, some]}, "n", "ms")):
        assert plot.startswith("<svg")
        assert plot.rstrip().endswith("</svg>")


def test_the_page_shows_every_part():
    some = spread([1, 2])
    case = Case("10 certificates", Shape(10))
    runs = {START.name: [run(2, 1)], case.name: [run(2, 1)], "by two processes": [run(4, 2)]}
    cases = figures([case, Case("by two processes", Shape(10))], runs)
    machine = facts(Path()) | {"input": "<none>", "load_at_end": (1, 2, 3), "others_cores": 0, "seconds": 60}
    results = {
        "machine": machine,
        "swept": True,
        "start": start(runs),
        **dict.fromkeys(("formats", "number", "users_per_event", "templates"), cases),
        "cache_use": {"one": {"hits": 1, "misses": 2, "evictions": 3}},
        "stages": [{"stage": "ParseEvents", "cpu": some, "wall": some}],
        **{key: {"a step": some} for key in ("steps", "names", "signing")},
        "drawing": {"water.svg": {"PDF": some}},
    }
    shown = page(orjson.loads(orjson.dumps(results)))
    assert shown.count("<svg") == shown.count("</svg>") == 5
    assert "&lt;none&gt;" in shown
    assert "removed during the run" in shown
    assert "<td>–</td>" in shown
