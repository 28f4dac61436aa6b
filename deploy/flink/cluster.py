"""A Flink session cluster on this machine: ZooKeeper, a JobManager, TaskManagers, and pools of workers."""

import itertools
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx

from certbeam.deploy.services.java import EXPANSION_SERVICE, class_path, loopback_agent, thin_jar
from certbeam.deploy.services.server import Server, ask, free_port

_CONFIGURATION = """\
# All ports are for this machine only, except those of the metrics: they have no such setting, and are read-only.
jobmanager.rpc.address: 127.0.0.1
jobmanager.bind-host: 127.0.0.1
jobmanager.rpc.port: {rpc}
jobmanager.memory.process.size: 1024m
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: {rest}
blob.server.port: {blob}
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
# Only Beam's job server submits jobs.
web.submit.enable: false
taskmanager.numberOfTaskSlots: {slots}
parallelism.default: {parallelism}
io.tmp.dirs: {folder}
execution.checkpointing.dir: file://{folder}/checkpoints
state.checkpoints.dir: file://{folder}/checkpoints
state.savepoints.dir: file://{folder}/savepoints
# A cancelled job can start from its last checkpoint.
execution.checkpointing.externalized-checkpoint-retention: RETAIN_ON_CANCELLATION
# A killed and restarted JobManager continues its jobs.
high-availability.type: zookeeper
high-availability.zookeeper.quorum: 127.0.0.1:{zookeeper}
high-availability.storageDir: file://{folder}/ha
high-availability.jobmanager.port: {rpc}
high-availability.zookeeper.client.session-timeout: 5000
# A job waits while a dead worker is restarted.
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 2147483647
restart-strategy.fixed-delay.delay: 1 s
heartbeat.interval: 1000
heartbeat.timeout: 5000
# The class path has all classes of a job. With parent-first, a restart does not load classes again.
classloader.resolve-order: parent-first
# Small network buffers keep few elements between operator chains. So --max_inflight holds and checkpoints are short.
taskmanager.memory.segment-size: 4kb
taskmanager.network.memory.floating-buffers-per-gate: 2
slot.request.timeout: 120000
metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.PrometheusReporterFactory
"""

_ZOOKEEPER = """\
clientPort={port}
clientPortAddress=127.0.0.1
dataDir={folder}/data
tickTime=1000
admin.enableServer=false
"""

_JAVA = (
    *("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"),
    *("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"),
    *(
        f"--add-opens=java.base/{package}=ALL-UNNAMED"
        for package in (
            *("java.lang", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.text", "java.time"),
            *("java.util", "java.util.concurrent"),
        )
    ),
)

# Flink's start script derives these from one total. Without the script, a TaskManager needs each of them.
_TASK_MANAGER_MEMORY = {
    "task.heap.size": "256m",
    "task.off-heap.size": "0",
    "network.min": "64m",
    "network.max": "64m",
    "managed.size": "64m",
    "framework.heap.size": "128m",
    "framework.off-heap.size": "128m",
    "jvm-metaspace.size": "256m",
    "jvm-overhead.min": "192m",
    "jvm-overhead.max": "192m",
}


class ZooKeeper(Server):
    """The ZooKeeper server of Flink's distribution, which stores the state of jobs while there is no JobManager."""

    def __init__(self) -> None:
        super().__init__("zookeeper")
        self.port = free_port()
        self._configuration = self.folder / "zoo.cfg"
        text = _ZOOKEEPER.format(port=self.port, folder=self.folder)
        self._configuration.write_text(text, encoding="utf-8")

    def command(self) -> Sequence[str]:
        """See :class:`Server`."""
        main = "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer"
        arguments = ("--zkConfigFile", str(self._configuration), "--peerId", "1")
        return (*_JAVA, "-Xmx64m", "-cp", class_path("flink"), main, *arguments)

    def answers(self) -> bool:
        """Return True if it answers the four-letter word ``srvr``."""
        return ask(self.port, b"srvr", 9) == b"Zookeeper"


class _FlinkServer(Server):
    """A process of Flink with Prometheus metrics at :attr:`metrics_port`."""

    main_class: str

    def __init__(self, name: str, configuration: Path, rest: int) -> None:
        super().__init__(name)
        self.metrics_port = free_port()
        self._configuration = configuration
        self._rest = f"http://127.0.0.1:{rest}"

    def _command(self, memory: Sequence[str], settings: Sequence[str] = ()) -> Sequence[str]:
        return (
            *(*_JAVA, *memory, "-cp", class_path("flink"), self.main_class, "--configDir"),
            *(str(self._configuration), "-D", f"metrics.reporter.prom.port={self.metrics_port}"),
            *(part for setting in settings for part in ("-D", setting)),
        )

    def _get(self, path: str) -> dict[str, list[dict[str, str]]]:
        """Return the JobManager's answer; an empty object if it does not answer."""
        try:
            answer: dict[str, list[dict[str, str]]] = httpx.get(self._rest + path, timeout=2).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return answer


class JobManager(_FlinkServer):
    """The process that accepts jobs and supervises them."""

    main_class = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"

    def command(self) -> Sequence[str]:
        """See :class:`Server`."""
        return self._command(("-Xmx384m",))

    def answers(self) -> bool:
        """Return True if its REST API answers."""
        return "flink-version" in self._get("/overview")


class TaskManager(_FlinkServer):
    """A process that runs tasks."""

    main_class = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"

    def __init__(self, name: str, configuration: Path, rest: int) -> None:
        super().__init__(name, configuration, rest)
        self._starts = itertools.count(1)
        self._identifier = name

    def command(self) -> Sequence[str]:
        """See :class:`Server`. Each start has an id of its own, because the JobManager still knows the one before."""
        self._identifier = f"{self.name}-{next(self._starts)}"
        settings = [f"taskmanager.resource-id={self._identifier}", "taskmanager.cpu.cores=1"]
        settings += [f"taskmanager.memory.{name}={size}" for name, size in _TASK_MANAGER_MEMORY.items()]
        # Otherwise Beam's servers for its workers listen on all interfaces.
        agent = f"-javaagent:{loopback_agent()}"
        return self._command(("-Xmx384m", "-XX:MaxDirectMemorySize=256m", agent), settings)

    def answers(self) -> bool:
        """Return True if it is registered with the JobManager."""
        known = self._get("/taskmanagers").get("taskmanagers", [])
        return any(task_manager["id"] == self._identifier for task_manager in known)


class Pool(Server):
    """A pool of workers, which starts a worker when a TaskManager requests one: ``certbeam workers``."""

    def __init__(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self.port = free_port()
        self._arguments = arguments
        self._environment = environment or {}

    @property
    def address(self) -> str:
        """Return the address for TaskManagers."""
        return f"localhost:{self.port}"

    def command(self) -> Sequence[str]:
        """See :class:`Server`."""
        program = Path(sys.executable).with_name("certbeam")
        variables = [f"{name}={value}" for name, value in self._environment.items()]
        state = self.folder / "wanted.json"
        return (
            *("env", *variables, str(program), "workers", f"--port={self.port}", f"--state={state}"),
            *self._arguments,
        )

    def answers(self) -> bool:
        """Return True if the pool accepts connections."""
        try:
            socket.create_connection(("localhost", self.port), 1).close()
        except OSError:
            return False
        return True

    def kill_workers(self) -> None:
        """Kill the workers of the pool, but not the pool."""
        if self._process is not None:
            subprocess.run(["pkill", f"-{signal.SIGKILL}", "-P", str(self._process.pid)], check=False)


class FlinkCluster:
    """The whole cluster.

    Attributes:
        servers: all servers, in the order of their start.
        folder: the folder of checkpoints, savepoints and files of jobs. It is removed with the cluster.
    """

    def __init__(self, *, task_managers: int = 2, slots: int = 1) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="certbeam-flink-"))
        self.rest = free_port()
        self.task_slots = task_managers * slots
        self.zookeeper = ZooKeeper()
        configuration = _CONFIGURATION.format(
            rpc=free_port(),
            rest=self.rest,
            blob=free_port(),
            zookeeper=self.zookeeper.port,
            slots=slots,
            parallelism=self.task_slots,
            folder=self.folder,
        )
        (self.folder / "flink-conf.yaml").write_text(configuration, encoding="utf-8")
        self.job_manager = JobManager("job-manager", self.folder, self.rest)
        self.task_managers = [
            TaskManager(f"task-manager-{number}", self.folder, self.rest)
            for number in range(1, task_managers + 1)
        ]
        jar = thin_jar("expansion", EXPANSION_SERVICE)
        java = " ".join((*_JAVA[1:], "-Xmx256m"))
        self.python_pool = Pool("python-workers", "--log_format=json")
        self.java_pool = Pool("java-workers", f"--java={jar}", environment={"JAVA_TOOL_OPTIONS": java})
        self.servers: list[Server] = [
            *(self.zookeeper, self.job_manager, self.python_pool, self.java_pool),
            *self.task_managers,
        ]

    @property
    def master(self) -> str:
        """Return the ``--flink_master`` of jobs on this cluster."""
        return f"127.0.0.1:{self.rest}"

    @property
    def flags(self) -> list[str]:
        """Return Beam's options of a job on this cluster. certbeam's ``--java_worker`` is ``java_pool.address``."""
        return [
            "--runner=FlinkRunner",
            f"--flink_master={self.master}",
            "--environment_type=EXTERNAL",
            f"--environment_config={self.python_pool.address}",
        ]

    def metrics(self) -> str:
        """Return the metrics of the JobManager and all TaskManagers, in the format of Prometheus."""
        servers = (self.job_manager, *self.task_managers)
        return "".join(
            httpx.get(f"http://127.0.0.1:{server.metrics_port}/metrics").text for server in servers
        )

    def __enter__(self) -> "FlinkCluster":
        """Start all servers. If one fails, stop those that run."""
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            for server in self.servers:
                stack.callback(server.stop)
                server.start()
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all servers."""
        self._running.close()
