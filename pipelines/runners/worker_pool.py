"""A pool of Beam workers beside a task manager: the service behind ``--environment_type=EXTERNAL``.

Beam's own pools have two problems. If a worker dies while it starts, its task manager waits for ever. And they cannot
distinguish the workers of two task managers, which have the same ids, and stop the wrong ones. This pool restarts a
worker as long as its task manager listens for it, also after the pool itself was killed.

A worker runs the code that its task manager sends. So the pool listens on loopback only, and starts workers only for
task managers of this host, or of allowed hosts (SECURITY.md).
"""

import logging
import os
import queue
import re
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import orjson
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc

from certbeam.pipelines.runners.endpoints import AllowedHosts, RequestRefused, listens, quote

logger = logging.getLogger(__name__)

MAX_WORKERS = 64
"""Default maximum number of workers of a pool."""

_CHECK_SECONDS = 1.0
_RESTART_SECONDS = 2.0
"""Time from a worker's death to its restart. A task manager that has noticed the death gives up in that time."""

_EXIT_SECONDS = 10.0
"""Time that a worker has to end by itself after its task manager has disappeared."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_STATE_BYTES = 1 << 20
_REQUEST_BYTES = 64 * 1024


class TooManyWorkers(RequestRefused):
    """A request for a worker beyond the pool's maximum."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Wanted(NamedTuple):
    """A worker that a task manager has requested.

    Attributes:
        identifier: the worker's id.
        control: HOST:PORT of the task manager's control endpoint for this worker only.
        logging: HOST:PORT of its logging endpoint for this worker only; may be empty.
    """

    identifier: str
    control: str
    logging: str

    @property
    def is_needed(self) -> bool:
        """Return True if the task manager still listens for it."""
        return listens(self.control)


class Command(NamedTuple):
    """Command line of a worker, and its environment; None for that of the pool."""

    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None


class _Worker:
    """Process of a wanted worker, which may have died or may not be started yet."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.last_alive = float("-inf")
        self.last_needed = time.monotonic()
        self.stopping = False

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class WorkerPool:
    """Starts workers, keeps them alive while they are wanted, and ends them.

    Args:
        command: returns the command of a worker.
        state: a file that stores the wanted workers, for a pool that starts after this one was killed.
        allowed: the hosts that workers may connect to.
        max_workers: maximum number of workers.
    """

    def __init__(
        self,
        command: Callable[[Wanted], Command],
        state: Path | None = None,
        *,
        allowed: AllowedHosts | None = None,
        max_workers: int = MAX_WORKERS,
    ) -> None:
        self._command = command
        self._state = state
        self._allowed = allowed or AllowedHosts()
        self._free = threading.BoundedSemaphore(max_workers)
        self._max_workers = max_workers
        self._requests: queue.Queue[tuple[str, Wanted | str]] = queue.Queue()
        self._workers: dict[Wanted, _Worker] = {}
        for wanted in self._read_state():
            self._add(wanted)

    def start_worker(self, wanted: Wanted, other_endpoints: Sequence[str] = ()) -> None:
        """Request a worker, and return at once.

        Args:
            wanted: the worker.
            other_endpoints: other endpoints of the request, which are checked but not used.

        Raises:
            RequestRefused: if the request is malformed, an endpoint is not allowed, or there are too many workers.
        """
        for endpoint in filter(None, other_endpoints):
            self._allowed.check(endpoint)
        self._requests.put(("start", self._admit(wanted)))

    def stop_worker(self, identifier: str) -> None:
        """Request that the workers of an id end when their task manager has closed its port, and return at once.

        Raises:
            RequestRefused: if the id is malformed.
        """
        self._requests.put(("stop", _check_identifier(identifier)))

    def run(self) -> None:
        """Process requests until an exception is raised, and then end all workers."""
        try:
            while True:
                try:
                    self._process(*self._requests.get(timeout=_CHECK_SECONDS))
                except queue.Empty:
                    self.check_workers()
        finally:
            for worker in self._workers.values():
                _end(worker)

    def check_workers(self) -> None:
        """Restart the dead workers that are needed, and end and remove the workers that are not needed."""
        now = time.monotonic()
        for wanted, worker in list(self._workers.items()):
            if worker.is_alive:
                worker.last_alive = now
            if wanted.is_needed:
                worker.last_needed = now
                if now - worker.last_alive > _RESTART_SECONDS:
                    logger.warning("worker %s has died and is needed: it is restarted", wanted.identifier)
                    self._spawn(wanted)
            elif worker.stopping or not worker.is_alive or now - worker.last_needed > _EXIT_SECONDS:
                _end(worker)
                del self._workers[wanted]
                self._free.release()
                self._write_state()

    def _admit(self, wanted: Wanted) -> Wanted:
        """Check and count a request from a task manager or from the state file.

        Returns:
            The wanted worker with the checked addresses.
        """
        checked = Wanted(
            _check_identifier(wanted.identifier),
            self._allowed.check(wanted.control),
            self._allowed.check(wanted.logging) if wanted.logging else "",
        )
        if not self._free.acquire(blocking=False):
            raise TooManyWorkers(
                f"the pool has its maximum of {self._max_workers} workers: raise --max_workers if the jobs need more"
            )
        return checked

    def _process(self, kind: str, subject: Any) -> None:
        if kind == "stop":
            # Two task managers may use the same id. The one that stops its worker then closes its port.
            for wanted, worker in self._workers.items():
                worker.stopping |= wanted.identifier == subject
        elif self._add(subject):
            self._write_state()
            self._spawn(subject)

    def _add(self, wanted: Wanted) -> bool:
        """Add an admitted worker, and return False if the pool has it already."""
        if wanted in self._workers:
            self._free.release()
            return False
        self._workers[wanted] = _Worker()
        return True

    def _spawn(self, wanted: Wanted) -> None:
        arguments, environment = self._command(wanted)
        logger.info("worker %s for %s starts", wanted.identifier, wanted.control)
        worker = self._workers[wanted]
        # Workers die with a killed pool, because the next pool starts workers with the same ids.
        worker.process = subprocess.Popen(  # noqa: S603
            ["setpriv", "--pdeathsig=KILL", "--", *arguments],  # noqa: S607
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        worker.last_alive = time.monotonic()

    def _write_state(self) -> None:
        if self._state is not None:
            _write_private(self._state, orjson.dumps([tuple(wanted) for wanted in self._workers]))

    def _read_state(self) -> Iterator[Wanted]:
        """Read the wanted workers of the state file. A worker that is not allowed any more is logged and skipped."""
        if self._state is None:
            return
        for entry in _entries(self._state):
            try:
                yield self._admit(Wanted(*entry))
            except RequestRefused as refusal:
                logger.warning("a worker in the state file %s is refused: %s", self._state, refusal)


class _Servicer(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Servicer of Beam's protocol for worker pools (``beam_fn_api.proto``)."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def StartWorker(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _refusals("StartWorker", context):
            self._pool.start_worker(
                Wanted(request.worker_id, request.control_endpoint.url, request.logging_endpoint.url),
                (request.artifact_endpoint.url, request.provision_endpoint.url),
            )
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _refusals("StopWorker", context):
            self._pool.stop_worker(request.worker_id)
        return beam_fn_api_pb2.StopWorkerResponse()


@contextmanager
def serve_pool(pool: WorkerPool, port: int) -> Iterator[None]:
    """Serve the requests of task managers on a port of the loopback addresses.

    Raises:
        RuntimeError: if the port is taken.
    """
    options = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", _REQUEST_BYTES)]
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=options)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(_Servicer(pool), server)
    for address in _loopback_addresses():
        server.add_insecure_port(f"{address}:{port}")
    server.start()
    try:
        yield
    finally:
        server.stop(None)


@contextmanager
def _refusals(method: str, context: Any) -> Iterator[None]:
    try:
        yield
    except RequestRefused as refusal:
        logger.warning("%s is refused: %s", method, refusal)
        context.abort(refusal.code, str(refusal))


def _loopback_addresses() -> Iterator[str]:
    yield "127.0.0.1"
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return
    yield "[::1]"


def _check_identifier(identifier: str) -> str:
    if not _IDENTIFIER.fullmatch(identifier):
        raise RequestRefused(
            f"the worker id {quote(identifier)} is malformed: give up to 128 letters, digits, '.', '_' and '-'"
        )
    return identifier


def _write_private(file: Path, text: bytes) -> None:
    """Replace a file by one that only its owner may read or write. Symbolic links are not followed."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(text)
    new.replace(file)


def _entries(state: Path) -> list[list[str]]:
    """Read the entries of a state file: id, control and logging endpoint. An unusable file has none."""
    try:
        entries = orjson.loads(_read_own(state))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        logger.warning("the state file %s is ignored: %s", state, error)
        return []
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        logger.warning("the state file %s is ignored: it does not contain a list of workers", state)
        return []
    return entries


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 3 and all(isinstance(part, str) for part in entry)


def _read_own(file: Path) -> bytes:
    """Read a regular file of the user of this process. Symbolic links are not followed.

    Raises:
        OSError: if it is not a regular file, is too large, or others may write it.
    """
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _STATE_BYTES:
            raise PermissionError(f"it is not a regular file of at most {_STATE_BYTES} bytes")
        # Kubernetes may let the pod's own group write the files of a volume (fsGroup).
        if status.st_uid != os.geteuid() or status.st_mode & stat.S_IWOTH:
            raise PermissionError("it belongs to another user, or others may write it")
        return stream.read()


def _end(worker: _Worker) -> None:
    if worker.process is not None:
        worker.process.kill()
        worker.process.wait()
