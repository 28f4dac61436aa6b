"""A pool of Beam workers beside a task manager: what ``--environment_type=EXTERNAL`` asks for workers.

Beam has pools of its own. With them a job hangs when a worker dies while it starts: the task manager waits for it
without an end, and nobody starts another. Here a worker is started again for as long as somebody listens for it, also
after the pool itself was killed. And Beam's pools cannot tell apart the workers of two task managers, which give them
the same ids, and stop the wrong ones.
"""

import logging
import queue
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import orjson
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 2.0
"""How long a worker may be gone until it is started again: meanwhile a task manager that has seen it go gives up."""

_FAREWELL_SECONDS = 10.0
"""How long a worker has to end by itself when its task manager is gone without a word."""

_CONNECT_SECONDS = 1.0


class Wanted(NamedTuple):
    """A worker that a task manager has asked for.

    Attributes:
        control, logging: HOST:PORT of the task manager, for this worker alone.
    """

    identifier: str
    control: str
    logging: str

    @property
    def awaited(self) -> bool:
        """Whether the task manager still listens for it."""
        host, _, port = self.control.rpartition(":")
        try:
            socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
        except OSError:
            return False
        return True


class Command(NamedTuple):
    """How a worker is run: its arguments, and its environment where that is not ours."""

    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None


class _Worker:
    """The process of a wanted worker, which may have died or not be started yet."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.last_alive = float("-inf")
        self.last_awaited = time.monotonic()
        self.stopping = False

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class WorkerPool:
    """Starts workers, keeps them alive while they are wanted, and ends them.

    Args:
        command: how a worker is run.
        state: a file that remembers what is wanted, should the pool be killed; on a disk that outlives it.
    """

    def __init__(self, command: Callable[[Wanted], Command], state: Path | None = None) -> None:
        self._command = command
        self._state = state
        self._requests: queue.Queue[tuple[str, Wanted | str]] = queue.Queue()
        self._workers: dict[Wanted, _Worker] = {one: _Worker() for one in _remembered(state)}

    def start_worker(self, wanted: Wanted) -> None:
        """Have a worker started; returns at once."""
        self._requests.put(("start", wanted))

    def stop_worker(self, identifier: str) -> None:
        """Have the workers of this id ended as soon as nobody listens for them any more; returns at once."""
        self._requests.put(("stop", identifier))

    def run(self) -> None:
        """Do the work of the pool, until an exception ends it; then all its workers are ended."""
        try:
            while True:
                try:
                    self._take(*self._requests.get(timeout=_LOOK_SECONDS))
                except queue.Empty:
                    self.look_after()
        finally:
            for worker in self._workers.values():
                _end(worker)

    def look_after(self) -> None:
        """Start again what has died and is awaited; end and forget what is not awaited."""
        now = time.monotonic()
        for wanted, worker in list(self._workers.items()):
            if worker.alive:
                worker.last_alive = now
            if wanted.awaited:
                worker.last_awaited = now
                if now - worker.last_alive > _PATIENCE_SECONDS:
                    logger.warning("worker %s is gone and awaited: it is started again", wanted.identifier)
                    self._spawn(wanted)
            elif worker.stopping or not worker.alive or now - worker.last_awaited > _FAREWELL_SECONDS:
                _end(worker)
                del self._workers[wanted]
                self._remember()

    def _take(self, what: str, subject: Any) -> None:
        if what == "start":
            self._workers[subject] = _Worker()
            self._remember()
            self._spawn(subject)
        else:
            # Two task managers may use the same id; the one that stops its worker closes its port next.
            for wanted, worker in self._workers.items():
                worker.stopping |= wanted.identifier == subject

    def _spawn(self, wanted: Wanted) -> None:
        arguments, environment = self._command(wanted)
        logger.info("worker %s for %s starts", wanted.identifier, wanted.control)
        worker = self._workers[wanted]
        # Should the pool be killed, its workers die with it: two that answer to one name would be worse.
        worker.process = subprocess.Popen(  # noqa: S603
            ["setpriv", "--pdeathsig=KILL", "--", *arguments],  # noqa: S607
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        worker.last_alive = time.monotonic()

    def _remember(self) -> None:
        if self._state is not None:
            new = self._state.with_name(f".{self._state.name}.new")
            new.write_bytes(orjson.dumps([tuple(one) for one in self._workers]))
            new.replace(self._state)


class _Servicer(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Beam's protocol of pools (``beam_fn_api.proto``)."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def StartWorker(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        self._pool.start_worker(
            Wanted(request.worker_id, request.control_endpoint.url, request.logging_endpoint.url)
        )
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        self._pool.stop_worker(request.worker_id)
        return beam_fn_api_pb2.StopWorkerResponse()


@contextmanager
def served(pool: WorkerPool, port: int) -> Iterator[None]:
    """Answer task managers' requests on a port of this machine, all interfaces.

    Raises:
        RuntimeError: when the port is taken.
    """
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=[("grpc.so_reuseport", 0)])
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(_Servicer(pool), server)
    server.add_insecure_port(f"[::]:{port}")
    server.start()
    try:
        yield
    finally:
        server.stop(None)


def _remembered(state: Path | None) -> list[Wanted]:
    if state is None or not state.exists():
        return []
    return [Wanted(*one) for one in orjson.loads(state.read_bytes())]


def _end(worker: _Worker) -> None:
    if worker.process is not None:
        worker.process.kill()
        worker.process.wait()
