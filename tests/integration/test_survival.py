"""A job on a Flink cluster through kills, an upgrade and a full stop: nothing lost, nothing doubled, no orphan.

``bench/survive.py`` does the same with 20,000 events and ten kills or more.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from certbeam.bench.survive import PARTS, Trial, in_turn
from certbeam.deploy.services.jars import jars

pytestmark = pytest.mark.survival

EVENTS = 600
RATE = 40.0


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    jars()
    with Trial(tmp_path, EVENTS) as trial:
        yield trial


def test_each_event_becomes_one_certificate_whatever_is_killed(trial: Trial):
    threading.Thread(target=trial.produce, args=(RATE,), daemon=True).start()
    trial.submit()
    assert trial.kill(in_turn(len(PARTS), every=2)) == list(PARTS)
    trial.wait_until_done()
    assert trial.faults() == []


def test_a_job_goes_on_from_its_savepoint_and_from_its_offsets(trial: Trial):
    job = trial.submit()
    # Slowly: there must be something left to read after the stop.
    threading.Thread(target=trial.produce, args=(RATE / 4,), daemon=True).start()
    trial.wait(lambda: 0 < trial.committed() < EVENTS, 180)
    savepoint = trial.stop_with_savepoint(job)
    before = trial.committed()
    job = trial.submit(f"--savepoint_path={savepoint}")
    trial.wait(lambda: trial.committed() > before, 180)
    trial.cancel(job)
    trial.submit()
    # Outcomes that waited for the cancelled job's next checkpoint are not told again; docs/flink.md says so.
    trial.wait(lambda: not trial.faults(), 300)
