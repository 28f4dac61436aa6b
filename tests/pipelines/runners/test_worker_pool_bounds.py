"""Bounds of the worker pool: how long it waits, how many workers it has, which files and requests it reads."""

import os
import subprocess
from types import SimpleNamespace

import grpc
import orjson
import pytest
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc

from certbeam.deploy.services.server import free_port
from certbeam.pipelines.runners import worker_pool
from certbeam.pipelines.runners.worker_pool import Command, TooManyWorkers, Wanted, WorkerPool, serve_pool

WANTED = Wanted("1-1", "127.0.0.1:1", "")


def command(_wanted):
    return Command(("true",))


class Process:
    """A process that lives until it is killed."""

    def __init__(self):
        self.exit_status = None

    def poll(self):
        return self.exit_status

    def kill(self):
        self.exit_status = -9

    def wait(self):
        return self.exit_status


@pytest.fixture
def pool(monkeypatch):
    """A pool with one worker that runs, whose task manager listens, and whose clock the test moves."""
    made = SimpleNamespace(now=100.0, listens=True, processes=[])

    def start(*_, **__):
        made.processes.append(Process())
        return made.processes[-1]

    monkeypatch.setattr(worker_pool, "time", SimpleNamespace(monotonic=lambda: made.now))
    monkeypatch.setattr(worker_pool, "listens", lambda _: made.listens)
    monkeypatch.setattr(subprocess, "Popen", start)
    made.pool = WorkerPool(command)
    made.pool.start_worker(WANTED)
    made.pool._process(*made.pool._requests.get())
    return made


def test_a_dead_worker_is_started_again_after_two_seconds(pool):
    pool.processes[0].kill()
    pool.now += 2.0
    pool.pool.check_workers()
    assert len(pool.processes) == 1
    pool.now += 0.1
    pool.pool.check_workers()
    assert len(pool.processes) == 2
    pool.pool.check_workers()
    assert len(pool.processes) == 2


def test_a_worker_ends_ten_seconds_after_its_task_manager_has_disappeared(pool):
    pool.listens = False
    pool.now += 10.0
    pool.pool.check_workers()
    assert pool.processes[0].poll() is None
    pool.now += 0.1
    pool.pool.check_workers()
    assert pool.processes[0].poll() == -9
    assert pool.pool._workers == {}


def test_a_worker_is_awaited_for_ten_seconds_since_its_task_manager_last_listened(pool):
    pool.now += 60.0
    pool.pool.check_workers()
    pool.listens = False
    pool.now += 10.0
    pool.pool.check_workers()
    assert pool.processes[0].poll() is None


def test_a_pool_has_64_workers_at_most_if_not_set_otherwise():
    pool = WorkerPool(command)
    for number in range(64):
        pool.start_worker(Wanted(f"1-{number}", "127.0.0.1:1", ""))
    with pytest.raises(TooManyWorkers, match="the pool has its maximum of 64 workers"):
        pool.start_worker(Wanted("1-64", "127.0.0.1:1", ""))


def test_a_state_file_of_another_user_is_ignored(tmp_path, monkeypatch, caplog):
    state = tmp_path / "wanted.json"
    state.write_bytes(orjson.dumps([tuple(WANTED)]))
    assert len(WorkerPool(command, state)._workers) == 1
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert WorkerPool(command, state)._workers == {}
    assert "it belongs to another user" in caplog.text


@pytest.mark.parametrize(("size", "workers"), [(1 << 20, 1), ((1 << 20) + 1, 0)])
def test_a_state_file_of_more_than_a_mebibyte_is_ignored(tmp_path, size, workers):
    state = tmp_path / "wanted.json"
    state.write_bytes(orjson.dumps([tuple(WANTED)]).ljust(size))
    assert len(WorkerPool(command, state)._workers) == workers


def test_a_state_file_that_is_a_pipe_is_ignored_for_that_reason(tmp_path, caplog):
    os.mkfifo(tmp_path / "wanted.json")
    WorkerPool(command, tmp_path / "wanted.json")
    assert "it is not a regular file" in caplog.text


def test_two_pools_cannot_listen_on_one_port():
    port = free_port()
    with (
        serve_pool(WorkerPool(command), port),
        pytest.raises(RuntimeError),
        serve_pool(WorkerPool(command), port),
    ):
        pass


def test_a_request_of_more_than_64_kib_is_refused_before_it_is_read():
    port = free_port()
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id="1" * 65_536)
    with serve_pool(WorkerPool(command), port), grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            stub.StartWorker(request, timeout=20)
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in error.value.details()
