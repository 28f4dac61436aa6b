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
# Each port is for this machine only. The metrics of Prometheus have no such setting: they are open, and read only.
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
# Jobs come from Beam's job server alone.
web.submit.enable: false
taskmanager.numberOfTaskSlots: {slots}
parallelism.default: {parallelism}
io.tmp.dirs: {folder}
execution.checkpointing.dir: file://{folder}/checkpoints
state.checkpoints.dir: file://{folder}/checkpoints
state.savepoints.dir: file://{folder}/savepoints
# A job that was cancelled can be started from its last checkpoint.
execution.checkpointing.externalized-checkpoint-retention: RETAIN_ON_CANCELLATION
# A JobManager that is killed and started again goes on with its jobs.
high-availability.type: zookeeper
high-availability.zookeeper.quorum: 127.0.0.1:{zookeeper}
high-availability.storageDir: file://{folder}/ha
high-availability.jobmanager.port: {rpc}
high-availability.zookeeper.client.session-timeout: 5000
# A worker may be gone for as long as it takes to start it again; the job waits for it.
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 2147483647
restart-strategy.fixed-delay.delay: 1 s
heartbeat.interval: 1000
heartbeat.timeout: 5000
# All that a job needs is on the class path here: taken from there, a restart loads no class again.
classloader.resolve-order: parent-first
# Little waits between the stages of a job, so that --max_inflight holds and checkpoints are short.
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

# Flink's start script works these out of one total; a TaskManager that is started without it needs each of them.
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
    """What keeps the jobs' places while there is no JobManager; Flink brings it along."""

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
        """Whether it says that it serves (its four-letter word ``srvr``)."""
        return ask(self.port, b"srvr", 9) == b"Zookeeper"


class _FlinkServer(Server):
    """A process of Flink's, with Prometheus metrics at :attr:`metrics_port`."""

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
        """What the JobManager says; nothing while it does not answer."""
        try:
            answer: dict[str, list[dict[str, str]]] = httpx.get(self._rest + path, timeout=2).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return answer


class JobManager(_FlinkServer):
    """The process that takes jobs and watches over them."""

    main_class = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"

    def command(self) -> Sequence[str]:
        """See :class:`Server`."""
        return self._command(("-Xmx384m",))

    def answers(self) -> bool:
        """Whether its REST interface is up."""
        return "flink-version" in self._get("/overview")


class TaskManager(_FlinkServer):
    """A process that runs tasks."""

    main_class = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"

    def __init__(self, name: str, configuration: Path, rest: int) -> None:
        super().__init__(name, configuration, rest)
        self._lives = itertools.count(1)
        self._identifier = name

    def command(self) -> Sequence[str]:
        """See :class:`Server`; each life has a name of its own, for the JobManager still knows the last one."""
        self._identifier = f"{self.name}-{next(self._lives)}"
        settings = [f"taskmanager.resource-id={self._identifier}", "taskmanager.cpu.cores=1"]
        settings += [f"taskmanager.memory.{name}={size}" for name, size in _TASK_MANAGER_MEMORY.items()]
        # Beam's servers for its workers, which would listen on all interfaces.
        agent = f"-javaagent:{loopback_agent()}"
        return self._command(("-Xmx384m", "-XX:MaxDirectMemorySize=256m", agent), settings)

    def answers(self) -> bool:
        """Whether the JobManager knows it."""
        known = self._get("/taskmanagers").get("taskmanagers", [])
        return any(one["id"] == self._identifier for one in known)


class Pool(Server):
    """A pool of workers, which starts one when a TaskManager asks for it: ``certbeam workers``."""

    def __init__(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self.port = free_port()
        self._arguments = arguments
        self._environment = environment or {}

    @property
    def address(self) -> str:
        """Where TaskManagers find it."""
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
        """Whether somebody listens."""
        try:
            socket.create_connection(("localhost", self.port), 1).close()
        except OSError:
            return False
        return True

    def kill_workers(self) -> None:
        """Kill the workers that it has started, and leave the pool alone."""
        if self._process is not None:
            subprocess.run(["pkill", f"-{signal.SIGKILL}", "-P", str(self._process.pid)], check=False)


class FlinkCluster:
    """The whole cluster.

    Attributes:
        servers: all of them, in the order in which they are started.
        folder: where checkpoints and savepoints are kept, and what jobs have sent; it goes with the cluster.
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
        """``--flink_master`` of jobs for this cluster."""
        return f"127.0.0.1:{self.rest}"

    @property
    def flags(self) -> list[str]:
        """Beam's flags of a job for this cluster; certbeam's own ``--java_worker`` is ``java_pool.address``."""
        return [
            "--runner=FlinkRunner",
            f"--flink_master={self.master}",
            "--environment_type=EXTERNAL",
            f"--environment_config={self.python_pool.address}",
        ]

    def metrics(self) -> str:
        """What Prometheus would scrape from the JobManager and all TaskManagers."""
        servers = (self.job_manager, *self.task_managers)
        return "".join(httpx.get(f"http://127.0.0.1:{one.metrics_port}/metrics").text for one in servers)

    def __enter__(self) -> "FlinkCluster":
        """Start all servers, or none."""
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
