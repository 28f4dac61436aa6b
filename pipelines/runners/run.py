"""Run a job, show its progress on a terminal, and summarise it."""

import logging
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions
from apache_beam.runners.runner import PipelineResult
from apache_beam.utils.subprocess_server import SubprocessServer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from certbeam.io.events.kafka_topics import plain_errors
from certbeam.io.port_table import OUTCOMES
from certbeam.io.uri.address import parse_address
from certbeam.pipelines.catalogue import build
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.pipelines.runners.loopback import servers_on_loopback
from certbeam.transforms.latencies import LATENCY_NAMESPACE
from certbeam.transforms.stage import NAMESPACE

_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Summary:
    """Result of a run.

    Attributes:
        counters: certbeam's counters, summed over the stages.
        seconds: time from submission to the end.
    """

    counters: Counter[str]
    seconds: float

    def counted(self, group: str) -> dict[str, int]:
        """Return the counters ``<group>:<name>`` by name, the largest first."""
        prefix = f"{group}:"
        group_counters = (
            (name.removeprefix(prefix), count)
            for name, count in self.counters.items()
            if name.startswith(prefix)
        )
        return dict(sorted(group_counters, key=lambda item: (-item[1], item[0])))

    @property
    def rejected(self) -> bool:
        """Return True if there is a dead letter."""
        return bool(self.counted("dead-letter"))


def run_pipeline(settings: JobSettings, options: PipelineOptions, *, progress: bool) -> Summary:
    """Run a job to its end.

    Afterwards, the log, the signal handlers and :data:`threading.excepthook` are as they were before.

    Args:
        settings: the job's settings.
        options: Beam's options.
        progress: show the number of outcomes while the job runs, if standard error is a terminal.
    """
    start = time.monotonic()
    with _restored_reports(), _progress(settings, shown=progress and sys.stderr.isatty()):
        # Beam stops the services of cross-language transforms at the end of this context.
        with SubprocessServer.cache_subprocesses(), plain_errors(), servers_on_loopback():
            pipeline = beam.Pipeline(options=options)
            build(pipeline, settings)
            result = pipeline.run()
            if settings.streaming and options.view_as(PortableOptions).environment_type == "LOOPBACK":
                _wait_for_signal(result)
            else:
                result.wait_until_finish()
        return Summary(counters(result), time.monotonic() - start)


def make_job(settings: JobSettings, options: PipelineOptions) -> list[str]:
    """Build the job for Dataflow without running it, and return the names of its steps.

    Beam writes the job to ``--template_location`` if that option is given.
    """
    with SubprocessServer.cache_subprocesses(), plain_errors():
        pipeline = beam.Pipeline(options=options)
        build(pipeline, settings)
        pipeline.run()
    transforms = pipeline.runner.job.proto_pipeline.components.transforms
    return sorted(step.unique_name for step in transforms.values() if not step.subtransforms)


def silence_threads() -> None:
    """Drop the errors that threads log, and the exceptions that end them.

    When a streaming job is stopped, each of Beam's threads reports in one of these ways that its connection is closed.
    """
    threading.excepthook = lambda _: None
    logging.disable(logging.ERROR)


@contextmanager
def _restored_reports() -> Iterator[None]:
    """Undo :func:`silence_threads` at the end of the context."""
    hook, disabled = threading.excepthook, logging.root.manager.disable
    try:
        yield
    finally:
        threading.excepthook = hook
        logging.disable(disabled)


def _wait_for_signal(result: PipelineResult) -> None:
    """Wait for a streaming job that ends with this process, and cancel it at Ctrl-C or SIGTERM.

    The next run reads again what is not committed. This is not for a job on a cluster, which continues without the
    process that submitted it.
    """
    stopped = threading.Event()
    # The main thread, which waits, runs the signal handler. So another thread makes the call.
    canceller = threading.Thread(target=result.cancel)

    def stop(*_: object) -> None:
        if not stopped.is_set():
            stopped.set()
            silence_threads()
            canceller.start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        result.wait_until_finish()
    except RuntimeError:
        if not stopped.is_set():
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if stopped.is_set():
            canceller.join()


def counters(result: PipelineResult) -> Counter[str]:
    """Return certbeam's counters except those of latency, summed over the stages."""
    totals: Counter[str] = Counter()
    for counter in result.metrics().query()["counters"]:
        namespace = counter.key.metric.namespace
        if namespace.partition("_")[0] == NAMESPACE and namespace != LATENCY_NAMESPACE:
            # Some runners have only attempted values, and no committed ones.
            totals[counter.key.metric.name] += counter.result or 0
    return totals


@contextmanager
def _progress(settings: JobSettings, *, shown: bool) -> Iterator[None]:
    """Show the number of outcomes so far, which are the lines in the outcomes folder. A topic has no number."""
    if not shown:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("starting")
        done = threading.Event()

        def watch() -> None:
            lines = _LineCount(Path(parse_address(OUTCOMES.flag, settings.sinks[OUTCOMES.flag]).path))
            while not done.wait(_POLL_SECONDS):
                display.update(task, description=f"{settings.pipeline}: {lines.update():,} outcomes")

        if settings.sinks[OUTCOMES.flag].startswith("kafka:"):
            display.update(task, description=f"{settings.pipeline}: running")
            yield
            return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


class _LineCount:
    """Number of lines in the files of a folder. An update reads only what was added since the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._positions: dict[Path, int] = {}
        self._lines = 0

    def update(self) -> int:
        """Count the added lines, and return the number of all lines."""
        for file in self._folder.glob("*.jsonl"):
            with file.open("rb") as stream:
                stream.seek(self._positions.get(file, 0))
                self._lines += stream.read().count(b"\n")
                self._positions[file] = stream.tell()
        return self._lines
