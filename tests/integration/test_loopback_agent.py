"""Beam's servers in Java processes are bound to loopback by the agent in the jars of ``make jars``."""

import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from certbeam.deploy.services.jars import THIN_JARS
from certbeam.deploy.services.java import loopback_agent, thin_jar
from certbeam.deploy.services.server import free_port
from certbeam.tests.integration.listeners import is_loopback

SECONDS = 120.0


@contextmanager
def listening(command: list[str], ports: int) -> Iterator[set[tuple[str, int]]]:
    """Run a process; yield its addresses and ports when it listens on the given number of ports."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            deadline, found = time.monotonic() + SECONDS, set[tuple[str, int]]()
            while len(found) < ports:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
                found = {
                    (connection.laddr.ip, connection.laddr.port)
                    for connection in psutil.Process(process.pid).net_connections("tcp")
                    if connection.status == psutil.CONN_LISTEN
                }
            yield found
        finally:
            process.kill()


def test_the_expansion_service_and_its_worker_listen_on_loopback(expansion_service: str):
    port = free_port()
    command = ["java", "-jar", expansion_service, str(port), "--alsoStartLoopbackWorker"]
    with listening(command, ports=1) as found:
        assert {number for _, number in found} == {port}
        assert all(is_loopback(address) for address, _ in found)


def test_the_job_server_listens_on_loopback():
    jar = str(thin_jar(*THIN_JARS["flink_job_server_jar"]))
    ports = [f"--{name}-port={free_port()}" for name in ("job", "artifact", "expansion")]
    with listening(["java", "-jar", jar, "--flink-master=[local]", *ports], ports=3) as found:
        assert all(is_loopback(address) for address, _ in found)


def test_a_process_does_not_start_without_the_library_of_the_agent(tmp_path: Path):
    """Without the library, its servers would listen on all interfaces."""
    alone = tmp_path / "loopback.jar"
    with zipfile.ZipFile(loopback_agent()) as whole, zipfile.ZipFile(alone, "w") as archive:
        for name in whole.namelist():
            headers, _, _ = whole.read(name).partition(b"Class-Path")
            archive.writestr(name, headers)
    command = ["java", f"-javaagent:{alone}", "-version"]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0  # noqa: S603
