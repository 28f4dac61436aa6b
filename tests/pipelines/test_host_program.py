"""A program that uses certbeam as a library keeps its settings; certbeam's own processes have theirs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import certbeam
from certbeam.tests.pipelines.conftest import Installation
from certbeam.tools.docs_site import PACKAGES

ROOT = Path(certbeam.__file__).parent

SETTINGS = """
import gc, json, logging, signal, sys, threading

class HostHandler(logging.StreamHandler):
    pass

logging.basicConfig(level=logging.ERROR, handlers=[HostHandler()])

def settings():
    root = logging.getLogger()
    return {
        "threshold": gc.get_threshold(),
        "frozen": gc.get_freeze_count(),
        "handlers": [type(one).__name__ for one in root.handlers],
        "level": root.level,
        "disabled": root.manager.disable,
        "certbeam": logging.getLogger("certbeam").level,
        "thread_hook": threading.excepthook is threading.__excepthook__,
        "hook": sys.excepthook is sys.__excepthook__,
        "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM)],
    }

before = settings()
"""


COMPARISON = """
after = settings()
print(json.dumps({name: after[name] for name in after if after[name] != before[name]}))
"""


def changed(script: str, *arguments: str) -> dict[str, Any]:
    """Return the settings that a script changes in a host program, with their new values."""
    command = [sys.executable, "-c", SETTINGS + script + COMPARISON, *arguments]
    output = subprocess.check_output(command, text=True)  # noqa: S603
    return json.loads(output.splitlines()[-1])


def test_an_import_changes_nothing():
    paths = [
        path.relative_to(ROOT).with_suffix("")
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    ]
    modules = [".".join(("certbeam", *path.parts)).removesuffix(".__init__") for path in paths]
    assert {"certbeam.pipelines.issue", "certbeam.transforms.stage"} <= set(modules)
    assert changed("import importlib\nfor one in sys.argv[1:]: importlib.import_module(one)", *modules) == {}


def test_a_run_of_a_pipeline_changes_nothing(installation: Installation):
    script = """
from pathlib import Path
from certbeam.tests.pipelines.conftest import Installation
assert Installation(Path(sys.argv[1])).run("issue", formats="json,svg,png").counted("outcome")["issued"]
"""
    assert changed(script, str(installation.root)) == {}


def test_the_command_line_tunes_its_process_after_the_drawing_libraries_are_loaded(
    installation: Installation,
):
    script = """
from certbeam.pipelines.cli.main import main
freeze = gc.freeze
def checked():
    assert {"cairocffi", "pikepdf"} <= set(sys.modules)
    freeze()
gc.freeze = checked
try:
    main(sys.argv[1:])
except SystemExit as end:
    # Some of the demo's events are rejected.
    assert end.code == 1
"""
    flags = installation.flags("issue", formats="json,svg,png,pdf")
    del flags["requests_output"]
    settings = changed(script, "issue", *(f"--{name}={value}" for name, value in flags.items()))
    assert settings["threshold"] == [10_000, 10, 10]
    assert settings["frozen"] > 100_000
    assert installation.verdicts()["issued"]


def test_the_process_of_a_pool_worker_is_tuned_before_it_starts():
    script = """
from apache_beam.runners.worker import sdk_worker
from certbeam.pipelines.runners import python_worker
class Harness:
    def __init__(self, *_, **__): pass
    def run(self): print(json.dumps(gc.get_threshold()[0]))
sdk_worker.SdkHarness = Harness
python_worker.main("1-1", "localhost:1", "json")
"""
    command = [sys.executable, "-c", "import gc, json\n" + script]
    assert subprocess.check_output(command, text=True).split() == ["10000"]  # noqa: S603
