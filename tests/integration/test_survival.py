"""A job on a Flink cluster through kills, an upgrade and a full stop: nothing lost, nothing doubled, no orphan.

``bench/survive.py`` does the same with 20,000 events and ten kills or more.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from certbeam.bench.make_input import learner_name
from certbeam.bench.survive import PARTS, Trial, in_turn
from certbeam.deploy.services.jars import jars
from certbeam.tests.deploy.test_metrics import relabelled, used_metrics

pytestmark = pytest.mark.survival

EVENTS = 600
RATE = 10.0
"""A second: slowly, so that there is something left to read after every kill and stop."""


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    jars()
    with Trial(tmp_path, EVENTS) as trial:
        yield trial


def test_each_event_makes_one_certificate_if_processes_are_killed(trial: Trial):
    trial.submit()
    threading.Thread(target=trial.produce, args=(RATE,), daemon=True).start()
    trial.wait(lambda: trial.committed() > 0, 180)
    metrics = metrics_of(trial)
    assert trial.kill(in_turn(len(PARTS), every=2)) == list(PARTS)
    trial.wait_until_done()
    assert trial.faults() == []
    assert trial.unannounced() == 0
    send_what_is_not_issued(trial)
    assert used_metrics() - metrics - metrics_of(trial) == set()
    look_at_health_and_log(trial)


def metrics_of(trial: Trial) -> set[str]:
    """Return the names of all metrics of the cluster in Prometheus."""
    names = {re.split("[{ ]", line)[0] for line in trial.cluster.metrics().splitlines()}
    return {relabelled(name)["__name__"] for name in names}


def send_what_is_not_issued(trial: Trial) -> None:
    stranger = {
        "action": "issue-certificate",
        "batchId": "batch-00000",
        "courseId": "do_00000",
        "userIds": ["x"],
    }
    trial.send(b"no event", orjson.dumps({"mid": "m", "edata": stranger}))
    trial.wait(lambda: trial.letters() and "x" in trial.outcomes_by_user(), 60)


def look_at_health_and_log(trial: Trial) -> None:
    program = str(Path(sys.executable).with_name("certbeam"))
    health = [program, "health", f"--flink_master={trial.cluster.master}"]
    assert "is well" in subprocess.run(health, check=True, capture_output=True, text=True).stdout  # noqa: S603

    log = [line for line in trial.cluster.python_pool.log.read_text().splitlines() if line]
    assert {orjson.loads(line)["level"] for line in log} >= {"INFO"}
    text = "\n".join(log)
    assert not any(learner_name(number) in text for number in range(EVENTS))


def test_a_job_continues_from_its_savepoint_and_from_its_offsets(trial: Trial):
    job = trial.submit()
    threading.Thread(target=trial.produce, args=(RATE,), daemon=True).start()
    trial.wait(lambda: 0 < trial.committed() < EVENTS, 180)
    savepoint = trial.stop_with_savepoint(job)
    before = trial.committed()
    job = trial.submit(f"--savepoint_path={savepoint}")
    trial.wait(lambda: trial.committed() > before, 180)
    trial.cancel(job)
    trial.submit()
    # Outcomes that waited for the cancelled job's next checkpoint are not told again; docs/flink.md says so.
    trial.wait(lambda: not trial.faults(), 300)
