"""The worker pool: workers that are started, stopped and restarted, and requests that are refused."""

import ipaddress
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import orjson
import psutil
import pytest
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from click.testing import CliRunner

from certbeam.deploy.services.server import free_port
from certbeam.pipelines.cli import workers as workers_command
from certbeam.pipelines.cli.workers import java_command
from certbeam.pipelines.runners import probe, worker_pool
from certbeam.pipelines.runners.endpoints import parse_allowed_hosts
from certbeam.pipelines.runners.worker_pool import Command, TooManyWorkers, Wanted, WorkerPool, serve_pool

FOREIGN = "198.51.100.7:4000"
"""An endpoint at a documentation address (RFC 5737)."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker_pool, "_CHECK_SECONDS", 0.05)
    monkeypatch.setattr(worker_pool, "_RESTART_SECONDS", 0.1)
    monkeypatch.setattr(worker_pool, "_EXIT_SECONDS", 0.1)


@pytest.fixture
def task_manager() -> Iterator[socket.socket]:
    """A listener in place of a task manager."""
    with socket.create_server(("localhost", 0)) as listener:
        yield listener


class Sleepers:
    """Workers that do nothing; each writes its worker id and process id to a file."""

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
        check_workers = pool.check_workers

        def check_workers_until_the_end() -> None:
            if ended.is_set():
                raise Stopped
            check_workers()

        def work() -> None:
            with pytest.raises(Stopped):
                pool.run()

        pool.check_workers = check_workers_until_the_end  # type: ignore[method-assign]
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
    """Return True if a process exists."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_dies_while_it_is_needed_is_restarted(task_manager, sleepers, run):
    pool = WorkerPool(sleepers.command)
    run(pool)
    pool.start_worker(wanted(task_manager))
    eventually(lambda: len(sleepers.started()) == 1)
    os.kill(sleepers.started()[0][1], signal.SIGKILL)
    eventually(lambda: [name for name, _ in sleepers.started()] == ["1-1", "1-1"])


def test_a_stopped_worker_ends_if_its_task_manager_does_not_listen(task_manager, sleepers, run):
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


def test_a_worker_ends_when_its_task_manager_has_disappeared(sleepers, run):
    pool = WorkerPool(sleepers.command)
    run(pool)
    with socket.create_server(("localhost", 0)) as gone:
        pool.start_worker(wanted(gone))
        eventually(lambda: len(sleepers.started()) == 1)
    eventually(lambda: not alive(sleepers.started()[0][1]))


def test_a_restarted_pool_starts_the_workers_that_are_still_needed(
    task_manager, sleepers, run, tmp_path: Path
):
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


@pytest.fixture
def serve(run) -> Iterator[Callable[[WorkerPool], Any]]:
    """Runs a pool and returns a stub of it."""
    opened = []

    def start(pool: WorkerPool) -> Any:
        run(pool)
        port = free_port()
        served_pool = serve_pool(pool, port)
        served_pool.__enter__()
        channel = grpc.insecure_channel(f"localhost:{port}")
        opened.append((served_pool, channel))
        return beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)

    yield start
    for served_pool, channel in opened:
        channel.close()
        served_pool.__exit__(None, None, None)


def start_request(wanted: Wanted, **endpoints: str) -> Any:
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id=wanted.identifier)
    named = {"control": wanted.control, "logging": wanted.logging, **endpoints}
    for name, url in named.items():
        getattr(request, f"{name}_endpoint").url = url
    return request


def status_of(call: Callable[[Any], Any], request: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as refused:
        call(request)
    status: grpc.StatusCode = refused.value.code()
    return status


def test_workers_are_started_and_stopped_by_beams_protocol(task_manager, sleepers, serve):
    stub = serve(WorkerPool(sleepers.command))
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id="7-3")
    request.control_endpoint.url = wanted(task_manager).control
    assert not stub.StartWorker(request).error
    eventually(lambda: [name for name, _ in sleepers.started()] == ["7-3"])
    assert not stub.StopWorker(beam_fn_api_pb2.StopWorkerRequest(worker_id="7-3")).error


@pytest.mark.parametrize("name", ["control", "logging", "artifact", "provision"])
def test_a_foreign_endpoint_is_refused_and_nothing_is_started(name, task_manager, sleepers, serve, caplog):
    stub = serve(WorkerPool(sleepers.command))
    status = status_of(stub.StartWorker, start_request(wanted(task_manager, "foreign"), **{name: FOREIGN}))
    assert status == grpc.StatusCode.PERMISSION_DENIED
    (warning,) = (record for record in caplog.records if record.levelno == logging.WARNING)
    assert FOREIGN in warning.getMessage()
    # The pool works in order: if the refused worker was to start, it would have started before this one.
    assert not stub.StartWorker(start_request(wanted(task_manager, "own"))).error
    eventually(lambda: len(sleepers.started()) > 0)
    assert [name for name, _ in sleepers.started()] == ["own"]


@pytest.mark.parametrize(
    "identifier",
    ["", "-c", "--help", "1 1", "1;reboot", "$(id)", "1\n2", "1\0", "../1", "é", "1" * 129],
)
def test_malformed_worker_ids_are_rejected(identifier: str, task_manager, sleepers, serve):
    stub = serve(WorkerPool(sleepers.command))
    malformed = grpc.StatusCode.INVALID_ARGUMENT
    assert status_of(stub.StartWorker, start_request(wanted(task_manager, identifier))) == malformed
    request = beam_fn_api_pb2.StopWorkerRequest(worker_id=identifier)
    assert status_of(stub.StopWorker, request) == malformed
    assert sleepers.started() == []


@pytest.mark.parametrize("identifier", ["1-1", "12-345", "sdk_0.1", "1" * 128])
def test_worker_ids_of_runners_are_accepted(identifier: str, task_manager, sleepers, run):
    pool = WorkerPool(sleepers.command)
    run(pool)
    pool.start_worker(wanted(task_manager, identifier))
    eventually(lambda: [name for name, _ in sleepers.started()] == [identifier])


def test_a_worker_without_a_control_endpoint_is_refused(sleepers, serve):
    stub = serve(WorkerPool(sleepers.command))
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id="1-1")
    assert status_of(stub.StartWorker, request) == grpc.StatusCode.INVALID_ARGUMENT


def test_the_worker_gets_the_address_that_was_checked(task_manager, run):
    commands = []

    def command(wanted: Wanted) -> Command:
        commands.append(wanted)
        return Command(("sleep", "60"))

    pool = WorkerPool(command)
    run(pool)
    port = task_manager.getsockname()[1]
    pool.start_worker(Wanted("1-1", f"localhost:{port}", f"localhost:{port}"))
    eventually(lambda: len(commands) == 1)
    address = task_manager.getsockname()[0]
    assert commands == [Wanted("1-1", f"{address}:{port}", f"{address}:{port}")]


def test_an_endpoint_in_an_allowed_network_is_accepted(task_manager, sleepers, run):
    allowed = parse_allowed_hosts(["198.51.100.0/24"])
    pool = WorkerPool(sleepers.command, allowed=allowed)
    run(pool)
    pool.start_worker(Wanted("1-1", FOREIGN, ""))
    eventually(lambda: [name for name, _ in sleepers.started()] == ["1-1"])


def test_workers_beyond_the_maximum_are_refused_until_one_has_ended(task_manager, sleepers, serve):
    stub = serve(WorkerPool(sleepers.command, max_workers=2))
    with socket.create_server(("localhost", 0)) as other:
        stub.StartWorker(start_request(wanted(task_manager)))
        stub.StartWorker(start_request(wanted(other)))
        with socket.create_server(("localhost", 0)) as third:
            status = status_of(stub.StartWorker, start_request(wanted(third)))
            assert status == grpc.StatusCode.RESOURCE_EXHAUSTED
        eventually(lambda: len(sleepers.started()) == 2)
    eventually(lambda: not alive(sleepers.started()[1][1]))

    def starts() -> bool:
        try:
            stub.StartWorker(start_request(wanted(task_manager, "later")))
        except grpc.RpcError:
            return False
        return True

    eventually(starts)


def test_the_same_request_again_starts_and_counts_one_worker(task_manager, sleepers, run):
    pool = WorkerPool(sleepers.command, max_workers=2)
    run(pool)
    for _ in range(2):
        pool.start_worker(wanted(task_manager))

    def accepted() -> bool:
        try:
            pool.start_worker(wanted(task_manager, "other"))
        except TooManyWorkers:
            return False
        return True

    eventually(accepted)
    eventually(lambda: len(sleepers.started()) == 2)
    assert [name for name, _ in sleepers.started()] == ["1-1", "other"]


def test_the_pool_listens_on_loopback_only(sleepers):
    port = free_port()
    with serve_pool(WorkerPool(sleepers.command), port):
        listening = [
            connection.laddr.ip
            for connection in psutil.Process().net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        ]
        assert listening
        assert all(map(is_loopback, listening))
        for address in addresses_of_this_host():
            with pytest.raises(OSError, match=r".*"):
                socket.create_connection((address, port), 5).close()


def is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def addresses_of_this_host() -> list[str]:
    """Return the addresses that are not loopback; none on a machine without a network."""
    families = (socket.AF_INET, socket.AF_INET6)
    cards = psutil.net_if_addrs().values()
    texts = [one.address for card in cards for one in card if one.family in families]
    return [text for text in texts if "%" not in text and not is_loopback(text)]


def test_a_port_in_use_is_an_error(sleepers):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(RuntimeError):  # noqa: SIM117
        with serve_pool(WorkerPool(sleepers.command), taken.getsockname()[1]):
            pass


def test_the_probe_succeeds_only_while_the_pool_listens(sleepers):
    port = free_port()
    command = [sys.executable, "-m", "certbeam.pipelines.runners.probe", str(port)]
    with serve_pool(WorkerPool(sleepers.command), port):
        assert subprocess.run(command, check=False).returncode == 0  # noqa: S603
    assert subprocess.run(command, check=False).returncode == 1  # noqa: S603


def test_a_server_of_another_protocol_fails_the_probe():
    def greet(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            connection.recv(100)

    with socket.create_server(("127.0.0.1", 0)) as other:
        thread = threading.Thread(target=greet, args=(other,))
        thread.start()
        assert not probe.answers(other.getsockname()[1])
        thread.join()


def test_a_server_that_accepts_and_does_not_answer_fails_the_probe(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(probe, "_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not probe.answers(silent.getsockname()[1])


@pytest.mark.parametrize(
    "entry",
    [
        ["evil", FOREIGN, ""],
        ["evil", "{own}", FOREIGN],
        ["-c", "{own}", ""],
        ["evil", "unix:///var/run/evil.sock", ""],
        ["evil", "", ""],
    ],
)
def test_a_foreign_endpoint_in_a_tampered_state_file_is_refused(
    entry, task_manager, sleepers, run, tmp_path, caplog
):
    own = wanted(task_manager, "own")
    changed = [part.replace("{own}", own.control) for part in entry]
    state = tmp_path / "wanted.json"
    state.write_bytes(orjson.dumps([changed, tuple(own)]))
    run(WorkerPool(sleepers.command, state))
    assert "is refused" in caplog.text
    eventually(lambda: len(sleepers.started()) > 0)
    assert [name for name, _ in sleepers.started()] == ["own"]


def test_workers_of_a_state_file_beyond_the_maximum_are_refused(task_manager, sleepers, tmp_path, caplog):
    state = tmp_path / "wanted.json"
    state.write_bytes(
        orjson.dumps([tuple(wanted(task_manager, name)) for name in ("1-1", "1-1", "1-2", "1-3")])
    )
    WorkerPool(sleepers.command, state, max_workers=2)
    assert caplog.text.count("is refused") == 1


@pytest.mark.parametrize("text", [b"", b"{", b"{}", b"[1]", b'[["a", "b"]]', b'[["a", "b", 1]]'])
def test_a_state_file_that_cannot_be_read_is_ignored(text: bytes, sleepers, tmp_path, caplog):
    state = tmp_path / "wanted.json"
    state.write_bytes(text)
    WorkerPool(sleepers.command, state)
    assert "is ignored" in caplog.text


def test_a_state_file_that_others_may_change_is_ignored(task_manager, sleepers, tmp_path, caplog):
    state = tmp_path / "wanted.json"
    state.write_bytes(orjson.dumps([tuple(wanted(task_manager))]))
    state.chmod(0o602)
    WorkerPool(sleepers.command, state)
    assert "others may write it" in caplog.text


@pytest.mark.parametrize("make", [lambda link, file: link.symlink_to(file), lambda link, _: os.mkfifo(link)])
def test_a_state_file_that_is_no_regular_file_is_ignored(make, task_manager, sleepers, tmp_path, caplog):
    file = tmp_path / "elsewhere"
    file.write_bytes(orjson.dumps([tuple(wanted(task_manager))]))
    make(tmp_path / "wanted.json", file)
    WorkerPool(sleepers.command, tmp_path / "wanted.json")
    assert "is ignored" in caplog.text


def test_the_state_file_is_private_and_replaces_symbolic_links(task_manager, sleepers, run, tmp_path):
    state, victim = tmp_path / "wanted.json", tmp_path / "victim"
    victim.write_text("untouched")
    for link in (state, tmp_path / ".wanted.json.new"):
        link.symlink_to(victim)
    before = os.umask(0)
    try:
        pool = WorkerPool(sleepers.command, state)
        run(pool)
        pool.start_worker(wanted(task_manager))
        eventually(lambda: len(sleepers.started()) == 1)
    finally:
        os.umask(before)
    assert victim.read_text() == "untouched"
    status = state.lstat()
    assert (stat.S_ISREG(status.st_mode), stat.S_IMODE(status.st_mode)) == (True, 0o600)


@pytest.mark.parametrize("flag", ["--port=0", "--port=65536", "--max_workers=0", "--allow_control=0.0.0.0/0"])
def test_invalid_flags_are_rejected_before_the_pool_listens(flag: str, monkeypatch: pytest.MonkeyPatch):
    def serve(*_: object) -> None:
        raise Stopped

    monkeypatch.setattr(workers_command, "serve_pool", serve)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    result = CliRunner().invoke(workers_command.workers, ["--port=1", flag])
    assert result.exit_code != 0
    assert not isinstance(result.exception, Stopped), "it is refused before the pool listens"


def test_workers_end_when_their_pool_is_killed(task_manager, tmp_path: Path):
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


def test_a_java_worker_gets_its_id_and_endpoints(tmp_path: Path):
    command = java_command(tmp_path / "expansion.jar")(Wanted("1-2", "localhost:3", "localhost:4"))
    assert command.arguments[:3] == ("java", "-cp", str(tmp_path / "expansion.jar"))
    assert command.environment is not None
    assert command.environment["HARNESS_ID"] == "1-2"
    assert command.environment["CONTROL_API_SERVICE_DESCRIPTOR"] == 'url: "localhost:3"'
    assert command.environment["LOGGING_API_SERVICE_DESCRIPTOR"] == 'url: "localhost:4"'
