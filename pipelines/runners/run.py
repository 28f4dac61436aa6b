"""Running a wired pipeline, with progress on a terminal, to its summary."""

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
    """What came of a run.

    Attributes:
        counters: certbeam's counters, summed over the stages.
        seconds: from submission to the end.
    """

    counters: Counter[str]
    seconds: float

    def counted(self, group: str) -> dict[str, int]:
        """The counters ``<group>:<name>`` by name, the largest first."""
        prefix = f"{group}:"
        found = (
            (name.removeprefix(prefix), count)
            for name, count in self.counters.items()
            if name.startswith(prefix)
        )
        return dict(sorted(found, key=lambda item: (-item[1], item[0])))

    @property
    def rejected(self) -> bool:
        """Whether anything ended as a dead letter."""
        return bool(self.counted("dead-letter"))


def run_pipeline(settings: JobSettings, options: PipelineOptions, *, progress: bool) -> Summary:
    """Run a job to its end; with ``progress``, show how far it is where standard error is a terminal.

    The caller's log, signal handlers and :data:`threading.excepthook` are afterwards as they were before.
    """
    begun = time.monotonic()
    with _restored_reports(), _progress(settings, shown=progress and sys.stderr.isatty()):
        # The context matters: services that Beam starts for transforms in other languages live only inside it.
        with SubprocessServer.cache_subprocesses(), plain_errors(), servers_on_loopback():
            pipeline = beam.Pipeline(options=options)
            build(pipeline, settings)
            result = pipeline.run()
            if settings.streaming and options.view_as(PortableOptions).environment_type == "LOOPBACK":
                _wait_for_signal(result)
            else:
                result.wait_until_finish()
        return Summary(counters(result), time.monotonic() - begun)


def make_job(settings: JobSettings, options: PipelineOptions) -> list[str]:
    """Make the job that Dataflow would get, and run nothing; the names of its steps.

    With Beam's ``--template_location`` the job is written there; with its ``--dry_run`` nowhere.
    """
    with SubprocessServer.cache_subprocesses(), plain_errors():
        pipeline = beam.Pipeline(options=options)
        build(pipeline, settings)
        pipeline.run()
    transforms = pipeline.runner.job.proto_pipeline.components.transforms
    return sorted(one.unique_name for one in transforms.values() if not one.subtransforms)


def silence_threads() -> None:
    """Drop what threads report as errors: in the log, and as the exceptions that end them.

    When a stream is stopped, each of Beam's threads reports in one of these ways that its connection is closed.
    """
    threading.excepthook = lambda _: None
    logging.disable(logging.ERROR)


@contextmanager
def _restored_reports() -> Iterator[None]:
    """Around a run: undo :func:`silence_threads` at its end."""
    hook, disabled = threading.excepthook, logging.root.manager.disable
    try:
        yield
    finally:
        threading.excepthook = hook
        logging.disable(disabled)


def _wait_for_signal(result: PipelineResult) -> None:
    """Wait for a stream that ends with this process: cancel it at Ctrl-C or SIGTERM.

    What is not committed by then is read again by the next run. On a cluster a job outlives the process that
    submitted it, and is stopped there.
    """
    stopped = threading.Event()
    # The thread that waits is the one that gets the signal, so the call is made by another.
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
    """All counters of certbeam but those of latency, summed over the stages."""
    totals: Counter[str] = Counter()
    for counter in result.metrics().query()["counters"]:
        namespace = counter.key.metric.namespace
        if namespace.partition("_")[0] == NAMESPACE and namespace != LATENCY_NAMESPACE:
            # Runners that count by attempts only have no committed values.
            totals[counter.key.metric.name] += counter.result or 0
    return totals


@contextmanager
def _progress(settings: JobSettings, *, shown: bool) -> Iterator[None]:
    """Show the number of outcomes so far, told from the lines in the outcomes folder where there is one."""
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
    """How many lines the files of a folder hold, reading only what is new since the last look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._positions: dict[Path, int] = {}
        self._lines = 0

    def update(self) -> int:
        for file in self._folder.glob("*.jsonl"):
            with file.open("rb") as stream:
                stream.seek(self._positions.get(file, 0))
                self._lines += stream.read().count(b"\n")
                self._positions[file] = stream.tell()
        return self._lines
