"""The machine of a benchmark, its versions and its other load: python -m certbeam.bench.machine."""

import datetime
import importlib.metadata
import os
import platform
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson
import psutil

import certbeam

LIBRARIES = (
    *("apache-beam", "cairosvg", "cryptography", "lxml", "openbadgeslib", "orjson", "pikepdf", "pillow"),
    *("pyld", "pynacl", "uharfbuzz", "zxing-cpp"),
)


def facts(folder: Path) -> dict[str, Any]:
    """Describe the machine.

    Args:
        folder: where the benchmarks write.
    """
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "free_disk_gb": round(shutil.disk_usage(folder).free / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "load_at_start": os.getloadavg(),
    }


class OtherProcesses:
    """Processor time of other processes since this object was created."""

    def __init__(self) -> None:
        self._start = _busy_seconds(), _own_seconds(), time.monotonic()

    def cores(self) -> float:
        """Return the average number of cores that processes other than this one and its children have used."""
        busy, own, start = self._start
        others = (_busy_seconds() - busy) - (_own_seconds() - own)
        return max(0.0, others / (time.monotonic() - start))


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def _own_seconds() -> float:
    """Return the processor time of this process and of its ended children."""
    return sum(os.times()[:4])


def _commit() -> str:
    """Return the commit, marked as dirty if files differ from it."""
    git = ["git", "-C", str(Path(certbeam.__file__).parent)]
    try:
        return subprocess.run(  # noqa: S603
            [*git, "describe", "--always", "--dirty", "--abbrev=12"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not a git checkout"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


if __name__ == "__main__":
    print(orjson.dumps(facts(Path()), option=orjson.OPT_INDENT_2).decode())  # noqa: T201
