"""One server process: started, waited for, killed, started again, and cleaned up after."""

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
    """A server that ended, or did not answer in time; the message holds the end of its log."""


class Tls(NamedTuple):
    """What a server shows its clients, and how they know it.

    Attributes:
        keystore: file of the server's key and certificates, PEM.
        authority: file of the certificate of who vouches for it, PEM.
    """

    keystore: Path
    authority: Path

    def client_context(self) -> ssl.SSLContext:
        """For a client that trusts this authority alone."""
        return ssl.create_default_context(cafile=self.authority)


S = TypeVar("S", bound="Server")


class Server:
    """A server on 127.0.0.1 with its own folder and ports, which stay the same when it is started again.

    A subclass says how it is run (:meth:`command`) and when it is ready (:meth:`answers`). In a ``with`` it is
    started, and stopped at the end, also when it does not start.
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
        """Of the process; None while there is none."""
        return self._process.pid if self._process else None

    def command(self) -> Sequence[str]:
        """The command line that runs the server in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether a client could be served now."""
        raise NotImplementedError

    def start(self) -> None:
        """Start, and return when a client can be served.

        Raises:
            ServerFailed: when that does not come.
        """
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C is for us, and we stop the server in order.
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
        """End the process as a power cut would; :meth:`start` brings it back with its data."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End the process in order and remove the folder."""
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
    """The variables of processes whose temporary files are to go with a folder, also when they are killed.

    Java unpacks libraries of its own, some megabytes each time, and knows nothing of TMPDIR.
    """
    options = (os.environ.get("JDK_JAVA_OPTIONS"), f'"-Djava.io.tmpdir={folder}"')
    return {"TMPDIR": str(folder), "JDK_JAVA_OPTIONS": " ".join(filter(None, options))}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, also not later.

    It is below those that systems give to whoever asks for any: a server that is killed finds it free again.
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
    """The first bytes of the answer to a request; b"" where nobody answers."""
    try:
        with socket.create_connection((host, port), 2.0) as plain:
            context = tls and tls.client_context()
            connection = context.wrap_socket(plain, server_hostname=host) if context else plain
            with connection:
                connection.sendall(request)
                return connection.makefile("rb").read(answer_bytes)
    except OSError:
        return b""
