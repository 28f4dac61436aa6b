"""``certbeam health`` for the answers of a JobManager."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from certbeam.pipelines.cli.health import health

NOW = 1_775_000_000.0  # seconds since 1970


class JobManager(ThreadingHTTPServer):
    """Answers as Flink's REST interface does."""

    answers: dict[str, Any]

    def job(self, state: str, checkpoint_age: float | None) -> None:
        latest = checkpoint_age and {"latest_ack_timestamp": (NOW - checkpoint_age) * 1000}
        self.answers = {
            "/jobs/overview": {"jobs": [{"jid": "j1", "state": state}, {"jid": "j0", "state": "CANCELED"}]},
            "/jobs/j1/checkpoints": {"latest": {"completed": latest}},
        }


class _Handler(BaseHTTPRequestHandler):
    server: JobManager

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.answers[self.path]).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def job_manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[JobManager]:
    monkeypatch.setattr("certbeam.pipelines.cli.health.time", SimpleNamespace(time=lambda: NOW))
    with JobManager(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask(server: JobManager, *flags: str) -> Result:
    return CliRunner().invoke(health, [f"--flink_master=127.0.0.1:{server.server_port}", *flags])


def test_a_running_job_with_recent_checkpoints_is_healthy(job_manager: JobManager):
    job_manager.job("RUNNING", 3)
    result = ask(job_manager)
    assert (result.exit_code, result.output) == (0, "j1 is well\n")


@pytest.mark.parametrize(
    ("state", "age", "fault"),
    [
        ("RESTARTING", 3, "the job is RESTARTING"),
        ("RUNNING", None, "no checkpoint is completed yet"),
        ("RUNNING", 500, "the last checkpoint is 500 s old"),
    ],
)
def test_a_job_that_does_not_run_or_checkpoint_is_unhealthy(
    job_manager: JobManager, state: str, age: float | None, fault: str
):
    job_manager.job(state, age)
    result = ask(job_manager, "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == [{"job": "j1", "fault": fault}]


def test_a_cluster_without_a_job_is_unhealthy(job_manager: JobManager):
    job_manager.answers = {"/jobs/overview": {"jobs": []}}
    assert ask(job_manager).output == "there is no job\n"


def test_a_job_manager_that_does_not_answer_is_unhealthy():
    result = CliRunner().invoke(health, ["--flink_master=127.0.0.1:1"])
    assert (result.exit_code, "does not answer" in result.output) == (1, True)
