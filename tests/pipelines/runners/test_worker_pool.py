"""The pool of workers: what is awaited lives, what is not ends, and nothing of it is forgotten in a kill."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc

from certbeam.deploy.services.server import free_port
from certbeam.pipelines.cli.workers import java_command
from certbeam.pipelines.runners import worker_pool
from certbeam.pipelines.runners.worker_pool import Command, Wanted, WorkerPool, served


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker_pool, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(worker_pool, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(worker_pool, "_FAREWELL_SECONDS", 0.1)


@pytest.fixture
def task_manager() -> Iterator[socket.socket]:
    """Who listens for a worker."""
    with socket.create_server(("localhost", 0)) as listener:
        yield listener


class Sleepers:
    """Workers that do nothing; each writes its id and number to a file."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "started"
        self._log.touch()

    def command(self, wanted: Wanted) -> Command:
        script = f"echo {wanted.identifier} $$ >> {self._log}; exec sleep 60"
        return Command(("sh", "-c", script))

    def started(self) -> list[tuple[str, int]]:
        lines = [line.split() for line in self._log.read_text().splitlines()]
        return [(identifier, int(number)) for identifier, number in lines]


@pytest.fixture
def sleepers(tmp_path: Path) -> Sleepers:
    return Sleepers(tmp_path)


class Stopped(Exception):
    """Ends a pool."""


@pytest.fixture
def run() -> Iterator[Callable[[WorkerPool], None]]:
    """Runs pools in threads, and ends them after the test."""
    ended = threading.Event()
    threads = []

    def start(pool: WorkerPool) -> None:
        look_after = pool.look_after

        def look_after_until_the_end() -> None:
            if ended.is_set():
                raise Stopped
            look_after()

        def work() -> None:
            with pytest.raises(Stopped):
                pool.run()

        pool.look_after = look_after_until_the_end  # type: ignore[method-assign]
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    yield start
    ended.set()
    for thread in threads:
        thread.join()


def wanted(task_manager: socket.socket, identifier: str = "1-1") -> Wanted:
    return Wanted(identifier, f"localhost:{task_manager.getsockname()[1]}", "localhost:1")


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(number: int) -> bool:
    """Whether a process is."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_dies_while_it_is_awaited_is_started_again(task_manager, sleepers, run):
    pool = WorkerPool(sleepers.command)
    run(pool)
    pool.start_worker(wanted(task_manager))
    eventually(lambda: len(sleepers.started()) == 1)
    os.kill(sleepers.started()[0][1], signal.SIGKILL)
    eventually(lambda: [name for name, _ in sleepers.started()] == ["1-1", "1-1"])


def test_a_worker_ends_when_it_is_stopped_and_nobody_listens(task_manager, sleepers, run):
    pool = WorkerPool(sleepers.command)
    run(pool)
    with socket.create_server(("localhost", 0)) as other:
        pool.start_worker(wanted(task_manager))
        eventually(lambda: len(sleepers.started()) == 1)
        pool.start_worker(wanted(other))
        eventually(lambda: len(sleepers.started()) == 2)
        # Both task managers call theirs 1-1; only one has stopped it.
        pool.stop_worker("1-1")
    (_, first), (_, second) = sleepers.started()
    eventually(lambda: not alive(second))
    assert alive(first)


def test_a_worker_whose_task_manager_is_gone_ends(sleepers, run):
    pool = WorkerPool(sleepers.command)
    run(pool)
    with socket.create_server(("localhost", 0)) as gone:
        pool.start_worker(wanted(gone))
        eventually(lambda: len(sleepers.started()) == 1)
    eventually(lambda: not alive(sleepers.started()[0][1]))


def test_a_pool_that_was_killed_remembers_who_is_awaited(task_manager, sleepers, run, tmp_path: Path):
    state = tmp_path / "wanted.json"
    before = WorkerPool(sleepers.command, state)
    run(before)
    before.start_worker(wanted(task_manager, "awaited"))
    with socket.create_server(("localhost", 0)) as gone:
        before.start_worker(wanted(gone, "gone"))
        eventually(lambda: len(sleepers.started()) == 2)
        text = state.read_bytes()
    (tmp_path / "copy.json").write_bytes(text)
    run(WorkerPool(sleepers.command, tmp_path / "copy.json"))
    eventually(lambda: len(sleepers.started()) == 3)
    assert sleepers.started()[2][0] == "awaited"


def test_task_managers_ask_by_beams_protocol(task_manager, sleepers, run):
    pool, port = WorkerPool(sleepers.command), free_port()
    run(pool)
    with served(pool, port), grpc.insecure_channel(f"localhost:{port}") as channel:
        stub = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)
        request = beam_fn_api_pb2.StartWorkerRequest(worker_id="7-3")
        request.control_endpoint.url = wanted(task_manager).control
        assert not stub.StartWorker(request).error
        eventually(lambda: [name for name, _ in sleepers.started()] == ["7-3"])
        assert not stub.StopWorker(beam_fn_api_pb2.StopWorkerRequest(worker_id="7-3")).error


def test_workers_die_with_their_pool(task_manager, tmp_path: Path):
    script = (
        "import sys; from pathlib import Path; from certbeam.pipelines.runners.worker_pool import *;"
        "pool = WorkerPool(lambda one: Command(('sh', '-c', f'echo $$ > {sys.argv[2]}; exec sleep 60')));"
        "pool.start_worker(Wanted('1-1', sys.argv[1], '')); pool.run()"
    )
    mark = tmp_path / "worker"
    with subprocess.Popen([sys.executable, "-c", script, wanted(task_manager).control, str(mark)]) as pool:  # noqa: S603
        eventually(lambda: mark.exists() and mark.read_text().strip() != "")
        pool.kill()
    eventually(lambda: not alive(int(mark.read_text())))


def test_a_java_worker_is_told_whom_it_works_for(tmp_path: Path):
    command = java_command(tmp_path / "expansion.jar")(Wanted("1-2", "localhost:3", "localhost:4"))
    assert command.arguments[:3] == ("java", "-cp", str(tmp_path / "expansion.jar"))
    assert command.environment is not None
    assert command.environment["HARNESS_ID"] == "1-2"
    assert command.environment["CONTROL_API_SERVICE_DESCRIPTOR"] == 'url: "localhost:3"'
    assert command.environment["LOGGING_API_SERVICE_DESCRIPTOR"] == 'url: "localhost:4"'
