"""``certbeam workers``: a pool of Beam workers beside a task manager of Flink."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

from certbeam.pipelines.config.logs import configure_logging, log_format
from certbeam.pipelines.runners.worker_pool import Command, Wanted, WorkerPool, served

_JAVA_HARNESS = "org.apache.beam.fn.harness.FnHarness"


@click.command()
@click.option("--port", type=int, required=True, help="Where task managers ask for workers.")
@click.option(
    "--java",
    "jar",
    metavar="JAR",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Start Java workers from this jar, that of --expansion_service. Default: Python workers.",
)
@click.option(
    "--state",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it is remembered which workers are wanted, should this process be killed.",
)
@click.option("--log_format", "log", default="text", show_default=True, help="json or text.")
def workers(port: int, jar: Path | None, state: Path | None, log: str) -> None:
    """Start a worker whenever a task manager asks for one, and again should it die while it is awaited.

    A job finds its pools by --environment_config and --java_worker. Java's own options are taken from the variable
    JAVA_TOOL_OPTIONS.
    """
    configure_logging(log_format(log))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    pool = WorkerPool(java_command(jar) if jar else python_command(log), state)
    with served(pool, port):
        pool.run()


def python_command(log: str) -> Callable[[Wanted], Command]:
    """How a Python worker is run; it logs to standard error."""
    module = "certbeam.pipelines.runners.python_worker"
    return lambda one: Command((sys.executable, "-m", module, one.identifier, one.control, log))


def java_command(jar: Path) -> Callable[[Wanted], Command]:
    """How a Java worker is run; it logs through the task manager."""

    def command(one: Wanted) -> Command:
        environment = {
            **os.environ,
            "HARNESS_ID": one.identifier,
            "CONTROL_API_SERVICE_DESCRIPTOR": f'url: "{one.control}"',
            "LOGGING_API_SERVICE_DESCRIPTOR": f'url: "{one.logging}"',
            "PIPELINE_OPTIONS": "{}",
        }
        return Command(("java", "-cp", str(jar), _JAVA_HARNESS), environment)

    return command
