"""Whole runs of ``certbeam issue``, each a process of its own over an input of its own, measured from outside."""

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
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import JobSettings, job_settings

BASE_URL = "https://certs.example.org/certs"

UNSIGNED = ("--formats=json,svg",)
SIGNED = ("--formats=json,vc,svg", "--keys={keys}")
"""Flags; ``{keys}`` is the bench's key file."""

TWO_PROCESSES = ("--direct_num_workers=2", "--direct_running_mode=multi_processing")

Program = Literal["issue", "beam", "frame"]

_SAMPLE_SECONDS = 0.25
_SWEEP_SECONDS = 2.0
_ROOM_BYTES = 20_000_000_000
_LEAST_TIMES_START = 1.1
_IDENTITY = (sys.executable, "-m", "certbeam.bench.identity")
_PROGRAMS: Mapping[Program, Sequence[str]] = {
    "issue": (str(Path(sys.executable).with_name("certbeam")), "issue"),
    "beam": _IDENTITY,
    "frame": (*_IDENTITY, "--frame"),
}


@dataclass(frozen=True)
class Case:
    """Something to run and measure.

    Attributes:
        name: as the tables call it.
        shape: of the input.
        flags: of ``certbeam issue``.
        again: whether to run a second time over what the first run left, and to measure that, too.
        program: ``issue``; or a pipeline of as many stages that do nothing, in Beam alone or in certbeam's frame.
        sweep: remove certificates while the run goes on, for a disk too small for all of them.
    """

    name: str
    shape: Shape
    flags: tuple[str, ...] = SIGNED
    again: bool = False
    program: Program = "issue"
    sweep: bool = False

    @property
    def replay(self) -> "Case":
        """The second run, which finds everything issued."""
        return replace(self, name=f"{self.name}, replayed", again=False)


START = Case("one certificate", Shape(1, batches=1))
"""The smallest run: what starting costs."""


def bench_keys() -> bytes:
    """The keys of all measurements, the same every time."""
    return new_key_set(BASE_URL, seed=b"\1" * 32, secret=b"\2" * 32, created=1_700_000_000)


@dataclass(frozen=True)
class Run:
    """What one run took.

    Attributes:
        wall: seconds from start to end of the process.
        cpu: seconds of processor time, user and system, of all its processes.
        largest: bytes resident at the peak of the largest process, as the kernel counts them (``VmHWM``).
        together: the greatest sum seen of what all processes held, in bytes, shared pages counted once.
        summary: what ``--json`` printed.
    """

    wall: float
    cpu: float
    largest: int
    together: int
    summary: dict[str, Any]


Runs = dict[str, list[Run]]
"""By the name of their case."""


class Place:
    """A folder that inputs are made in once, and runs, each from the same beginnings, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs: deque[Path] = deque()
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = folder / "keys.json"
        if not self.keys.exists():
            self.keys.touch(mode=0o600)
            self.keys.write_bytes(bench_keys())

    def input(self, shape: Shape) -> Path:
        """The folder of the input of a shape."""
        sizes = f"{shape.users}-{shape.batches}-{shape.users_per_event}-{shape.templates}"
        made = (
            self.folder / "inputs" / f"{sizes}-{'mixed' if shape.mixed else ''}-{Path(shape.template).stem}"
        )
        if not made.exists():
            partial = made.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            make_input(partial, shape)
            partial.rename(made)
        return made

    def flags(self, case: Case, root: Path) -> list[str]:
        """The flags of a case that runs in ``root``."""
        source = self.input(case.shape)
        assets = [f"--template_allow={source / ASSETS}"] if case.shape.has_assets else []
        return [
            f"--input={source / 'events.jsonl'}",
            f"--lms=sqlite:{root / 'lms.db'}",
            f"--registry=sqlite:{root / 'registry.db'}",
            f"--storage={root / 'certs'}",
            *(f"--{sink}={root / sink}" for sink in ("outcomes", "dead_letters", "audit")),
            f"--base_url={BASE_URL}",
            *assets,
            *(flag.format(keys=self.keys) for flag in case.flags),
        ]

    def job(self, case: Case, root: Path) -> JobSettings:
        """The settings that the flags of a case make, for a run in this process."""
        given: dict[str, Any] = dict(flag.removeprefix("--").split("=", 1) for flag in self.flags(case, root))
        if "template_allow" in given:
            given["template_allow"] = (given["template_allow"],)
        return job_settings(ISSUE, complete(ISSUE, given, {}))

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder)

    @contextmanager
    def installed(self, shape: Shape) -> Iterator[Path]:
        """A new folder with the records of an input.

        It stays while there is room: for minutes after files are removed, ext4 passes over each of their inodes
        before it makes a new one, and a run after another's removal would pay three times as much for its files.
        """
        while self._runs and shutil.disk_usage(self.folder).free < _ROOM_BYTES:
            shutil.rmtree(self._runs.popleft())
        source = self.input(shape)
        root = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        shutil.copyfile(source / "lms.db", root / "lms.db")
        yield root
        self._runs.append(root)

    def run(self, case: Case) -> Runs:
        """Run a case from its beginning and measure.

        Raises:
            RuntimeError: when it does not end as it should.
        """
        with self.installed(case.shape) as root:
            command = [*_PROGRAMS[case.program], *self.flags(case, root), "--json"]
            with _sweeping(root / "certs") if case.sweep else nullcontext():
                runs = {case.name: [self._measured(command, {"issued": case.shape.users})]}
            if case.again:
                held = {"already-issued": case.shape.users}
                runs[case.replay.name] = [self._measured(command, held)]
        return runs

    def _measured(self, command: Sequence[str], outcomes: dict[str, int]) -> Run:
        """Run a command that prints JSON, and measure its process and that one's children."""
        os.sync()  # what earlier runs left to be written is not this one's
        log = self.folder / "run.log"
        with log.open("wb") as errors:
            begun = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603
            with process, _Memory(process.pid) as memory:
                printed = process.stdout.read() if process.stdout else b""
                _, status, usage = os.wait4(process.pid, 0)
                wall = time.perf_counter() - begun
                process.returncode = os.waitstatus_to_exitcode(status)
        summary = orjson.loads(printed or b"{}")
        if process.returncode or summary["outcomes"] != outcomes:
            raise RuntimeError(f"the run ended with {process.returncode} and {summary}; see {log}")
        cpu = usage.ru_utime + usage.ru_stime
        return Run(wall, cpu, memory.largest, memory.together, summary)


class _Memory:
    """Looks again and again at what a process and its descendants hold.

    ``ru_maxrss`` would need no looking, but it also counts this process, which the other was forked from.
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
                self.together = max(self.together, sum(one.memory_full_info().pss for one in processes))
                self.largest = max(self.largest, *(_peak(one.pid) for one in processes))
            except (psutil.Error, OSError):
                continue  # one of them has just ended


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    peaks = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0].split()[1]) * 1024 if peaks else 0


@contextmanager
def _sweeping(storage: Path) -> Iterator[None]:
    """Remove finished files of certificates from a storage folder, over and over."""
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
    """Run cases in turn, A B C A B C, so that a noisy minute hurts all of them and not one."""
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
    """Say how far it is."""
    print(f"  {text}", file=sys.stderr, flush=True)  # noqa: T201


@dataclass(frozen=True)
class Start:
    """What the smallest run takes: seconds, and MB of memory."""

    wall: Spread
    cpu: Spread
    largest_mb: Spread


def start(runs: Runs) -> Start:
    """What starting takes, from the runs of :data:`START`."""
    smallest = runs[START.name]
    return Start(
        spread([one.wall for one in smallest]),
        spread([one.cpu for one in smallest]),
        spread([one.largest / 1e6 for one in smallest]),
    )


@dataclass(frozen=True)
class Figures:
    """What some runs of a case say, for tables and plots; spreads are over its rounds.

    What starting takes, the median of the family's smallest runs, is taken off where it says "steady"; that is None
    for runs so short that little else is left.

    Attributes:
        rate: certificates per second, start included.
        core_rate: certificates per second of processor time, start included.
        steady_rate: certificates per second once started.
        steady_micros: processor time for a certificate once started.
        times_first: the same, in times that of the family's first case in the same round.
        largest_mb, together_mb: memory at the peak, of the largest process and of all.
        stored: bytes stored for a certificate.
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
    """The figures of a family of cases; ``runs`` holds those of :data:`START`, too."""
    begun = start(runs)
    return [
        _figures(case, runs[case.name], runs[cases[0].name], cases[0].shape.users, begun) for case in cases
    ]


def _figures(case: Case, runs: list[Run], first: list[Run], first_users: int, begun: Start) -> Figures:
    users = case.shape.users
    micros = _steady([one.cpu for one in runs], users, begun.cpu)
    seconds = _steady([one.wall for one in runs], users, begun.wall)
    of_first = _steady([one.cpu for one in first], first_users, begun.cpu)
    return Figures(
        name=case.name,
        certificates=users,
        wall=spread([one.wall for one in runs]),
        cpu=spread([one.cpu for one in runs]),
        rate=spread([users / one.wall for one in runs]),
        core_rate=spread([users / one.cpu for one in runs]),
        steady_rate=spread([1 / one for one in seconds]) if seconds else None,
        steady_micros=spread([one * 1e6 for one in micros]) if micros else None,
        times_first=spread([one / base for one, base in zip(micros, of_first, strict=False)])
        if micros and of_first
        else None,
        largest_mb=spread([one.largest / 1e6 for one in runs]),
        together_mb=spread([one.together / 1e6 for one in runs]),
        stored=runs[0].summary["bytesStored"] / users,
    )


def _steady(taken: list[float], users: int, begun: Spread) -> list[float]:
    """Seconds for a certificate once started, in each run; none where a run took hardly longer than starting."""
    if min(taken) < begun["median"] * _LEAST_TIMES_START:
        return []
    return [(one - begun["median"]) / users for one in taken]


def print_figures(title: str, found: Sequence[Figures]) -> None:
    """Print the figures of a family of cases."""
    print(f"{title}: a second on the wall, a second of processor, us of processor each once started, MB")  # noqa: T201
    for one in found:
        micros = f"{one.steady_micros['median']:8.0f}" if one.steady_micros else "       -"
        print(  # noqa: T201
            f"{one.rate['median']:8.0f} {one.core_rate['median']:8.0f} {micros}"
            f" {one.largest_mb['median']:6.0f}  {one.name}"
        )
