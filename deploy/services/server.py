"""A server process: start, readiness, kill, restart and clean-up."""

import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

_READY_SECONDS = 120.0
_STOP_SECONDS = 30.0
_LOG_TAIL = 3000
_PORTS = (10_000, 32_000)


class ServerFailed(RuntimeError):
    """A server ended, or did not answer in time. The message contains the end of its log."""


class Tls(NamedTuple):
    """TLS files of a server.

    Attributes:
        keystore: PEM file with the server's key and certificates.
        authority: PEM file with the certificate of the authority that signed them.
    """

    keystore: Path
    authority: Path

    def client_context(self) -> ssl.SSLContext:
        """Return the context of a client that trusts only this authority."""
        return ssl.create_default_context(cafile=self.authority)


S = TypeVar("S", bound="Server")


class Server:
    """A server on 127.0.0.1 with a folder and ports of its own, which stay the same after a restart.

    A subclass implements :meth:`command`, which runs it, and :meth:`answers`, which checks if it is ready. As a context
    manager it starts the server and stops it at the end, also if the start fails.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"certbeam-{name}-"))
        self.log = self.folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self: S) -> S:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Return the id of the process; None if it does not run."""
        return self._process.pid if self._process else None

    def command(self) -> Sequence[str]:
        """Return the command line that runs the server in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Return True if the server is ready for a client."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server, and return when it is ready for a client.

        Raises:
            ServerFailed: if it ends, or is not ready in time.
        """
        with self.log.open("ab") as log:
            # In a session of its own, the server does not get Ctrl-C. This process stops it.
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **temporary_files_in(self.folder)},
            )
        deadline = time.monotonic() + _READY_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} did not start:\n{self._log_tail()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End the process with SIGKILL, as a crash would. :meth:`start` starts it again with its data."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End the process with SIGTERM, and remove the folder."""
        self._signal(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, number: int) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _log_tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]


def temporary_files_in(folder: Path) -> dict[str, str]:
    """Return the environment variables with which a process writes its temporary files to a folder.

    The files are removed with the folder, also after a kill. Java, which extracts some megabytes of libraries, ignores
    TMPDIR.
    """
    options = (os.environ.get("JDK_JAVA_OPTIONS"), f'"-Djava.io.tmpdir={folder}"')
    return {"TMPDIR": str(folder), "JDK_JAVA_OPTIONS": " ".join(filter(None, options))}


def free_port() -> int:
    """Return a port of 127.0.0.1 that no process listens on.

    It is below the range of ephemeral ports, so that it is still free when a killed server starts again.
    """
    while True:
        port = random.randrange(*_PORTS)  # noqa: S311
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def ask(
    port: int, request: bytes, answer_bytes: int, tls: Tls | None = None, host: str = "127.0.0.1"
) -> bytes:
    """Send a request to a server, and return the first bytes of its answer; empty if there is no answer."""
    try:
        with socket.create_connection((host, port), 2.0) as plain:
            context = tls and tls.client_context()
            connection = context.wrap_socket(plain, server_hostname=host) if context else plain
            with connection:
                connection.sendall(request)
                return connection.makefile("rb").read(answer_bytes)
    except OSError:
        return b""
