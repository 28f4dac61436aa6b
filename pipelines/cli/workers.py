"""``certbeam workers``: a pool of Beam workers beside a task manager of Flink."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

from certbeam.pipelines.config.logs import configure_logging, log_format
from certbeam.pipelines.runners.endpoints import parse_allowed_hosts
from certbeam.pipelines.runners.worker_pool import MAX_WORKERS, Command, Wanted, WorkerPool, served

_JAVA_HARNESS = "org.apache.beam.fn.harness.FnHarness"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    required=True,
    help="The port where task managers request workers. The pool listens on the loopback addresses only.",
)
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
    help="A file that keeps which workers are needed, in case this process is killed.",
)
@click.option(
    "--allow_control",
    "allowed",
    metavar="HOST",
    multiple=True,
    help="Also start workers for a task manager at this host name, address or network; may be repeated."
    " A worker runs any code that the task manager sends, with access to the keys. Default: only this host's"
    " own addresses.",
)
@click.option(
    "--max_workers",
    type=click.IntRange(min=1),
    default=MAX_WORKERS,
    show_default=True,
    help="How many workers run at most; further requests are refused.",
)
@click.option("--log_format", "log", default="text", show_default=True, help="json or text.")
def workers(
    port: int, jar: Path | None, state: Path | None, allowed: tuple[str, ...], max_workers: int, log: str
) -> None:
    """Start a worker when a task manager requests one, and restart it if it dies while it is needed.

    A job finds its pools by --environment_config and --java_worker. Java's own options are taken from the variable
    JAVA_TOOL_OPTIONS.
    """
    configure_logging(log_format(log))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = java_command(jar) if jar else python_command(log)
    pool = WorkerPool(command, state, allowed=parse_allowed_hosts(allowed), max_workers=max_workers)
    with served(pool, port):
        pool.run()


def python_command(log: str) -> Callable[[Wanted], Command]:
    """Return the command of a Python worker, which logs to standard error."""
    module = "certbeam.pipelines.runners.python_worker"
    return lambda wanted: Command((sys.executable, "-m", module, wanted.identifier, wanted.control, log))


def java_command(jar: Path) -> Callable[[Wanted], Command]:
    """Return the command of a Java worker, which logs through the task manager."""

    def command(wanted: Wanted) -> Command:
        environment = {
            **os.environ,
            "HARNESS_ID": wanted.identifier,
            "CONTROL_API_SERVICE_DESCRIPTOR": f'url: "{wanted.control}"',
            "LOGGING_API_SERVICE_DESCRIPTOR": f'url: "{wanted.logging}"',
            "PIPELINE_OPTIONS": "{}",
        }
        return Command(("java", "-cp", str(jar), _JAVA_HARNESS), environment)

    return command
