"""Whole runs of ``certbeam issue``, each in a process of its own, measured from outside."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import orjson
import psutil

from certbeam.badges.key_set import new_key_set
from certbeam.bench.make_input import ASSETS, Shape, make_input
from certbeam.bench.spread import Spread, spread
from certbeam.io.port import ISSUE
from certbeam.io.port_table import AUDIT, DEAD_LETTERS, OUTCOMES, TEMPLATES
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import JobSettings, job_settings

BASE_URL = "https://certs.example.org/certs"

UNSIGNED = ("--formats=json,svg",)
SIGNED = ("--formats=json,vc,svg", "--keys={keys}")
"""Flags of ``certbeam issue``; ``{keys}`` is the key file of the benchmarks."""

TWO_PROCESSES = ("--direct_num_workers=2", "--direct_running_mode=multi_processing")

Program = Literal["issue", "beam", "frame"]

_SAMPLE_SECONDS = 0.25
_SWEEP_SECONDS = 2.0
_MIN_FREE_BYTES = 20_000_000_000
_MIN_TIMES_START = 1.1
_SINKS = tuple(port.flag for port in (OUTCOMES, DEAD_LETTERS, AUDIT))
_IDENTITY = (sys.executable, "-m", "certbeam.bench.identity")
_PROGRAMS: Mapping[Program, Sequence[str]] = {
    "issue": (str(Path(sys.executable).with_name("certbeam")), "issue"),
    "beam": _IDENTITY,
    "frame": (*_IDENTITY, "--frame"),
}


@dataclass(frozen=True)
class Case:
    """A case to run and measure.

    Attributes:
        name: its name in tables.
        shape: the shape of the input.
        flags: flags of ``certbeam issue``.
        again: run a second time with the outputs of the first run, and measure this run, too.
        program: ``issue``; or ``beam`` or ``frame`` for as many stages that do nothing, as plain DoFns or with
            certbeam's stage class.
        sweep: remove certificates during the run, for a disk that is too small for all.
    """

    name: str
    shape: Shape
    flags: tuple[str, ...] = SIGNED
    again: bool = False
    program: Program = "issue"
    sweep: bool = False

    @property
    def replay(self) -> "Case":
        """Return the case of the second run, which finds that all certificates are issued."""
        return replace(self, name=f"{self.name}, replayed", again=False)


START = Case("one certificate", Shape(1, batches=1))
"""The smallest run, whose time is that of the start."""


def bench_keys() -> bytes:
    """Return the key set of all benchmarks, which is always the same."""
    return new_key_set(BASE_URL, seed=b"\1" * 32, secret=b"\2" * 32, created=1_700_000_000)


@dataclass(frozen=True)
class Run:
    """Measurements of a run.

    Attributes:
        wall: seconds from the start to the end of the process.
        cpu: seconds of processor time of all its processes, user and system.
        largest: peak resident memory of the largest process, in bytes (``VmHWM``).
        together: highest measured memory of all processes together, in bytes; shared pages count once.
        summary: the output of ``--json``.
    """

    wall: float
    cpu: float
    largest: int
    together: int
    summary: dict[str, Any]


Runs = dict[str, list[Run]]
"""Runs by the name of their case."""


class Place:
    """A folder for inputs, which are made once, and for runs, which each start with a copy of the records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs: deque[Path] = deque()
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = folder / "keys.json"
        if not self.keys.exists():
            self.keys.touch(mode=0o600)
            self.keys.write_bytes(bench_keys())

    def input(self, shape: Shape) -> Path:
        """Return the folder of the input of a shape. Make it if it is missing."""
        sizes = f"{shape.users}-{shape.batches}-{shape.users_per_event}-{shape.templates}"
        folder = (
            self.folder / "inputs" / f"{sizes}-{'mixed' if shape.mixed else ''}-{Path(shape.template).stem}"
        )
        if not folder.exists():
            partial = folder.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            make_input(partial, shape)
            partial.rename(folder)
        return folder

    def flags(self, case: Case, root: Path) -> list[str]:
        """Return the flags of a case that runs in a folder."""
        source = self.input(case.shape)
        assets = [f"--template_allow={source / ASSETS}"] if case.shape.has_assets else []
        return [
            f"--input={source / 'events.jsonl'}",
            f"--lms=sqlite:{root / 'lms.db'}",
            f"--registry=sqlite:{root / 'registry.db'}",
            f"--storage={root / 'certs'}",
            *(f"--{sink}={root / sink}" for sink in _SINKS),
            f"--base_url={BASE_URL}",
            *assets,
            *(flag.format(keys=self.keys) for flag in case.flags),
        ]

    def job(self, case: Case, root: Path) -> JobSettings:
        """Return the settings of a case, for a run in this process."""
        given: dict[str, Any] = dict(flag.removeprefix("--").split("=", 1) for flag in self.flags(case, root))
        if TEMPLATES.flag in given:
            given[TEMPLATES.flag] = (given[TEMPLATES.flag],)
        return job_settings(ISSUE, complete(ISSUE, given, {}))

    def remove(self) -> None:
        """Remove the folder and its contents."""
        shutil.rmtree(self.folder)

    @contextmanager
    def installed(self, shape: Shape) -> Iterator[Path]:
        """Make a new folder with the records of an input.

        The folder stays until the disk is nearly full. For some minutes after files were removed, ext4 skips each of
        their inodes before it creates a new one, so that a run would need three times as long for its files.
        """
        while self._runs and shutil.disk_usage(self.folder).free < _MIN_FREE_BYTES:
            shutil.rmtree(self._runs.popleft())
        source = self.input(shape)
        root = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        shutil.copyfile(source / "lms.db", root / "lms.db")
        yield root
        self._runs.append(root)

    def run(self, case: Case) -> Runs:
        """Run a case, and measure it.

        Raises:
            RuntimeError: if the run fails, or has other outcomes than expected.
        """
        with self.installed(case.shape) as root:
            command = [*_PROGRAMS[case.program], *self.flags(case, root), "--json"]
            with _sweeping(root / "certs") if case.sweep else nullcontext():
                runs = {case.name: [self._measure(command, {"issued": case.shape.users})]}
            if case.again:
                outcomes = {"already-issued": case.shape.users}
                runs[case.replay.name] = [self._measure(command, outcomes)]
        return runs

    def _measure(self, command: Sequence[str], outcomes: dict[str, int]) -> Run:
        """Run a command that prints JSON, and measure its process and the children of the process."""
        os.sync()  # so that this run does not include the writes of earlier runs
        log = self.folder / "run.log"
        with log.open("wb") as errors:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603
            with process, _Memory(process.pid) as memory:
                printed = process.stdout.read() if process.stdout else b""
                _, status, usage = os.wait4(process.pid, 0)
                wall = time.perf_counter() - start
                process.returncode = os.waitstatus_to_exitcode(status)
        summary = orjson.loads(printed or b"{}")
        if process.returncode or summary["outcomes"] != outcomes:
            raise RuntimeError(f"the run ended with status {process.returncode} and {summary}: see {log}")
        cpu = usage.ru_utime + usage.ru_stime
        return Run(wall, cpu, memory.largest, memory.together, summary)


class _Memory:
    """Sampled memory of a process and its descendants.

    ``ru_maxrss`` would need no samples, but it includes this process, from which the other one was forked.
    """

    def __init__(self, pid: int) -> None:
        self.largest = self.together = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            try:
                parent = psutil.Process(self._pid)
                processes = [parent, *parent.children(recursive=True)]
                self.together = max(
                    self.together, sum(process.memory_full_info().pss for process in processes)
                )
                self.largest = max(self.largest, *(_peak(process.pid) for process in processes))
            except (psutil.Error, OSError):
                continue  # a process has just ended


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    peaks = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0].split()[1]) * 1024 if peaks else 0


@contextmanager
def _sweeping(storage: Path) -> Iterator[None]:
    """Remove finished files of certificates from a storage folder every few seconds."""
    ended = threading.Event()

    def sweep() -> None:
        while not ended.wait(_SWEEP_SECONDS):
            for batch in storage.glob("batch-*"):
                for entry in os.scandir(batch):
                    if not entry.name.startswith("."):
                        os.unlink(entry.path)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        yield
    finally:
        ended.set()
        sweeper.join()


def interleaved(place: Place, cases: Sequence[Case], rounds: int) -> Runs:
    """Run the cases in turn, A B C A B C, so that other load affects all cases and not only one."""
    for case in cases:
        place.input(case.shape)
    runs: Runs = defaultdict(list)
    for number in range(rounds):
        for case in cases:
            for name, measured in place.run(case).items():
                runs[name] += measured
                note(f"{name}, round {number + 1} of {rounds}: {measured[0].wall:.1f} s")
    return runs


def note(text: str) -> None:
    """Print the progress."""
    print(f"  {text}", file=sys.stderr, flush=True)  # noqa: T201


@dataclass(frozen=True)
class Start:
    """Time of the smallest run in seconds, and its memory in MB."""

    wall: Spread
    cpu: Spread
    largest_mb: Spread


def start(runs: Runs) -> Start:
    """Return the time and memory of the start, from the runs of :data:`START`."""
    smallest = runs[START.name]
    return Start(
        spread([run.wall for run in smallest]),
        spread([run.cpu for run in smallest]),
        spread([run.largest / 1e6 for run in smallest]),
    )


@dataclass(frozen=True)
class Figures:
    """Results of a case for tables and plots. Spreads are over its rounds.

    The time of the start, which is the median of the smallest runs, is subtracted from the values that are called
    "steady". They are absent (None) if a run takes hardly longer than the start.

    Attributes:
        rate: certificates per second, start included.
        core_rate: certificates per second of processor time, start included.
        steady_rate: certificates per second after the start.
        steady_micros: microseconds of processor time for a certificate after the start.
        times_first: ratio of ``steady_micros`` to that of the first case in the same round.
        largest_mb: peak memory of the largest process.
        together_mb: peak memory of all processes together.
        stored: bytes that are stored for a certificate.
    """

    name: str
    certificates: int
    wall: Spread
    cpu: Spread
    rate: Spread
    core_rate: Spread
    steady_rate: Spread | None
    steady_micros: Spread | None
    times_first: Spread | None
    largest_mb: Spread
    together_mb: Spread
    stored: float


def figures(cases: Sequence[Case], runs: Runs) -> list[Figures]:
    """Calculate the results of cases from their runs and the runs of :data:`START`."""
    smallest = start(runs)
    return [
        _figures(case, runs[case.name], runs[cases[0].name], cases[0].shape.users, smallest) for case in cases
    ]


def _figures(case: Case, runs: list[Run], first: list[Run], first_users: int, smallest: Start) -> Figures:
    users = case.shape.users
    cpu_seconds = _steady([run.cpu for run in runs], users, smallest.cpu)
    wall_seconds = _steady([run.wall for run in runs], users, smallest.wall)
    of_first = _steady([run.cpu for run in first], first_users, smallest.cpu)
    return Figures(
        name=case.name,
        certificates=users,
        wall=spread([run.wall for run in runs]),
        cpu=spread([run.cpu for run in runs]),
        rate=spread([users / run.wall for run in runs]),
        core_rate=spread([users / run.cpu for run in runs]),
        steady_rate=spread([1 / each for each in wall_seconds]) if wall_seconds else None,
        steady_micros=spread([each * 1e6 for each in cpu_seconds]) if cpu_seconds else None,
        times_first=spread([each / base for each, base in zip(cpu_seconds, of_first, strict=False)])
        if cpu_seconds and of_first
        else None,
        largest_mb=spread([run.largest / 1e6 for run in runs]),
        together_mb=spread([run.together / 1e6 for run in runs]),
        stored=runs[0].summary["bytesStored"] / users,
    )


def _steady(seconds: list[float], users: int, smallest: Spread) -> list[float]:
    """Return the seconds for a certificate after the start, in each run; empty if a run took hardly longer than it."""
    if min(seconds) < smallest["median"] * _MIN_TIMES_START:
        return []
    return [(total - smallest["median"]) / users for total in seconds]


def print_figures(title: str, results: Sequence[Figures]) -> None:
    """Print the results of cases under a title."""
    print(f"{title}: per second, per second of processor time, us of processor time each once started, MB")  # noqa: T201
    for result in results:
        micros = f"{result.steady_micros['median']:8.0f}" if result.steady_micros else "       -"
        print(  # noqa: T201
            f"{result.rate['median']:8.0f} {result.core_rate['median']:8.0f} {micros}"
            f" {result.largest_mb['median']:6.0f}  {result.name}"
        )
