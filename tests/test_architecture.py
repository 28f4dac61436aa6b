"""The layers: imports point only downwards, and the domain touches neither files nor network.

And what takes long to import is not imported before it is used.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import certbeam

ROOT = Path(certbeam.__file__).parent
LAYERS = (
    ("foundation",),
    ("issuing", "badges", "artwork"),
    ("certificates",),
    ("io",),
    ("stages",),
    ("transforms",),
    ("pipelines",),
)
ROOMS = [room for layer in LAYERS for room in layer]
DOMAIN = [room for layer in LAYERS[:3] for room in layer]
OUTSIDE = {
    "apache_beam",
    "asyncio",
    "cassandra",
    "confluent_kafka",
    "fcntl",
    "glob",
    "google",
    "http",
    "httpx",
    "os",
    "pathlib",
    "redis",
    "requests",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "tenacity",
    "urllib.request",
    "urllib3",
}
"""What would let the domain see the world outside."""

OPENERS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "urlopen"}

IN_MEMORY = {"PIL.Image.open", "Image.open", "pikepdf.open"}
"""Opens bytes there; a path would need one of the others to be made."""


def sources(room):
    return sorted((ROOT / room).rglob("*.py"))


def imported(tree):
    """The full names of everything that a module imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def upward(room, source):
    """Yield imports of higher layers, and of other rooms of the same layer."""
    (own,) = [number for number, layer in enumerate(LAYERS) if room in layer]
    above = [other for layer in LAYERS[own:] for other in layer if other != room]
    for name in imported(ast.parse(source)):
        parts = name.split(".")
        if parts[0] == "certbeam" and len(parts) > 1 and (parts[1] in above or parts[1] == "tests"):
            yield name


def outside(source):
    tree = ast.parse(source)
    for name in imported(tree):
        if any(name == one or name.startswith(f"{one}.") for one in OUTSIDE):
            yield name
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.rpartition(".")[2] in OPENERS and called not in IN_MEMORY:
                yield f"{called}()"


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_only_downwards(room):
    assert sources(room)
    found = {str(path.relative_to(ROOT)): list(upward(room, path.read_text())) for path in sources(room)}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_domain_knows_no_beam_no_network_and_no_files():
    files = [path for room in DOMAIN for path in sources(room)]
    found = {str(path.relative_to(ROOT)): list(outside(path.read_text())) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_it_is_for(room):
    for path in sources(room):
        assert ast.get_docstring(ast.parse(path.read_text())), path


@pytest.mark.parametrize(
    "source",
    [
        "from certbeam.transforms.stage import StageFn",
        "import certbeam.transforms",
        "from certbeam import transforms",
        "def f():\n    from certbeam.pipelines import flags",
        "from certbeam.tests import support",
    ],
)
def test_an_import_upwards_would_be_found(source):
    assert list(upward("io", source))


@pytest.mark.parametrize(
    "source",
    ["import sqlite3", "from urllib.request import urlopen", "import os.path", "open('x')", "p.read_text()"],
)
def test_a_way_outside_would_be_found(source):
    assert list(outside(source))


def test_what_few_runs_need_is_not_imported_at_the_start():
    """What draws PNG and PDF, and what calls HTTP APIs, takes a sixth of the start."""
    source = "import sys, certbeam.pipelines.cli.run_pipeline, certbeam.pipelines.issue; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", source], text=True).split()  # noqa: S603
    assert {"certbeam.artwork.render.renderer", "certbeam.io.port_table"} <= set(modules)
    assert {"cairocffi", "cairosvg", "pikepdf", "httpx"}.isdisjoint(modules)


def test_an_import_of_another_room_of_the_same_layer_would_be_found():
    assert list(upward("badges", "from certbeam.issuing.claim import Claim"))
