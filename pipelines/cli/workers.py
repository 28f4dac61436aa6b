"""``certbeam workers``: run a pool of Beam workers beside a Flink task manager."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

from certbeam.pipelines.config.flags import find_flag
from certbeam.pipelines.config.logs import configure_logging, log_format
from certbeam.pipelines.runners.endpoints import parse_allowed_hosts
from certbeam.pipelines.runners.worker_pool import MAX_WORKERS, Command, Wanted, WorkerPool, serve_pool

_JAVA_HARNESS = "org.apache.beam.fn.harness.FnHarness"
_LOG_FORMAT = find_flag("log_format")


@click.command()
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(1, 65535),
    required=True,
    help="Port on which task managers request workers. The pool listens on loopback addresses only.",
)
@click.option(
    "--java",
    "jar",
    metavar="JAR",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Start Java workers from this jar: that of --expansion_service. Default: Python workers.",
)
@click.option(
    "--state",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that stores which workers are needed, so that a restarted pool starts them again.",
)
@click.option(
    "--allow_control",
    "allowed",
    metavar="HOST",
    multiple=True,
    help="Host name, address or network of a task manager that workers may connect to, besides this host. Repeatable."
    " A worker runs any code that its task manager sends, with access to the keys. Default: only addresses of this"
    " host.",
)
@click.option(
    "--max_workers",
    metavar="N",
    type=click.IntRange(min=1),
    default=MAX_WORKERS,
    show_default=True,
    help="Maximum number of workers. Further requests are refused.",
)
@click.option(
    f"--{_LOG_FORMAT.name}",
    "log",
    metavar=_LOG_FORMAT.metavar,
    default=_LOG_FORMAT.default,
    show_default=True,
    help=_LOG_FORMAT.help,
)
def workers(
    port: int, jar: Path | None, state: Path | None, allowed: tuple[str, ...], max_workers: int, log: str
) -> None:
    """Run a pool of Beam workers beside a Flink task manager.

    The pool starts a worker when the task manager requests one, and restarts it if it dies while it is needed. A job
    finds its pools by --environment_config and --java_worker. Java workers read their JVM options from the environment
    variable JAVA_TOOL_OPTIONS.
    """
    configure_logging(log_format(log))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = java_command(jar) if jar else python_command(log)
    pool = WorkerPool(command, state, allowed=parse_allowed_hosts(allowed), max_workers=max_workers)
    with serve_pool(pool, port):
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
