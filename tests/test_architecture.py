"""The layers: imports point only downwards, and the domain touches neither files nor network.

And what takes long to import is not imported before it is used.
"""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
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
PIPELINES = (
    ("config",),
    ("assembly",),
    ("issue", "enrich", "generate"),
    ("catalogue",),
    ("runners",),
    ("cli",),
)
"""The layers inside of ``pipelines/``: the settings, the pipelines made from them, what runs one, the command line."""

ALL_PACKAGES = [room for layer in LAYERS for room in layer]
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


def find_imports(tree):
    """The full names of everything that a module imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def find_forbidden_imports(room, source, layers=LAYERS, package="certbeam"):
    """Yield imports of higher layers, and of other rooms of the same layer."""
    (own,) = [number for number, layer in enumerate(layers) if room in layer]
    above = [other for layer in layers[own:] for other in layer if other != room]
    for name in find_imports(without_program(ast.parse(source))):
        below = name.removeprefix(f"{package}.").split(".")[0]
        if name != below and (below in above or below == "tests"):
            yield name


def without_program(tree):
    """Remove the block that runs only if the module is the program: its imports are none of the module."""
    is_program = ast.dump(ast.parse('__name__ == "__main__"', mode="eval").body)
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and ast.dump(node.test) == is_program)
    ]
    return tree


def module_name(path):
    return ".".join(("certbeam", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def find_outside_access(source):
    tree = ast.parse(source)
    for name in find_imports(tree):
        if any(name == one or name.startswith(f"{one}.") for one in OUTSIDE):
            yield name
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.rpartition(".")[2] in OPENERS and called not in IN_MEMORY:
                yield f"{called}()"


@pytest.mark.parametrize("room", ALL_PACKAGES)
def test_imports_point_only_downwards(room):
    assert sources(room)
    found = {
        str(path.relative_to(ROOT)): list(find_forbidden_imports(room, path.read_text()))
        for path in sources(room)
    }
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("room", [room for layer in PIPELINES for room in layer])
def test_imports_inside_of_pipelines_point_only_downwards(room):
    package = ROOT / "pipelines"
    files = sources(f"pipelines/{room}") or [package / f"{room}.py"]
    found = {
        path.name: list(find_forbidden_imports(room, path.read_text(), PIPELINES, "certbeam.pipelines"))
        for path in files
    }
    assert {name: names for name, names in found.items() if names} == {}


def test_everything_of_pipelines_has_a_layer():
    parts = {path.stem for path in (ROOT / "pipelines").glob("[!_]*")}
    assert parts == {part for layer in PIPELINES for part in layer}


def test_no_modules_import_one_another():
    modules = {module_name(path): path for room in ALL_PACKAGES for path in sources(room)}
    graph = {
        name: set(find_imports(without_program(ast.parse(path.read_text())))) & (modules.keys() - {name})
        for name, path in modules.items()
    }
    TopologicalSorter(graph).prepare()


def test_the_domain_uses_neither_beam_nor_network_nor_files():
    files = [path for room in DOMAIN for path in sources(room)]
    found = {str(path.relative_to(ROOT)): list(find_outside_access(path.read_text())) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


BELOW_ADAPTERS = {"limits", "protocols"}
"""The modules of ``io/`` itself that adapters may import. The others open adapters by their addresses."""


def find_opener_imports(source):
    """Yield imports of modules of ``io/`` that are above the adapters."""
    above = {path.stem for path in (ROOT / "io").glob("*.py")} - BELOW_ADAPTERS
    for name in find_imports(ast.parse(source)):
        parts = name.split(".")
        if parts[:2] == ["certbeam", "io"] and len(parts) > 2 and parts[2] in above:
            yield name


def test_no_adapter_imports_the_table_of_ports():
    paths = sorted((ROOT / "io").glob("*/**/*.py"))
    assert paths
    above = {str(path.relative_to(ROOT)): list(find_opener_imports(path.read_text())) for path in paths}
    assert {path: names for path, names in above.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from certbeam.io.port_table import SIGNER",
        "from certbeam.io import signers",
        "import certbeam.io.port",
    ],
)
def test_an_import_of_the_table_of_ports_is_detected(source):
    assert list(find_opener_imports(source))


@pytest.mark.parametrize("room", ALL_PACKAGES)
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
def test_an_import_of_a_higher_layer_is_detected(source):
    assert list(find_forbidden_imports("io", source))


def test_an_import_of_a_higher_layer_inside_of_pipelines_is_detected():
    source = "def f():\n    from certbeam.pipelines import cli"
    assert list(find_forbidden_imports("runners", source, PIPELINES, "certbeam.pipelines"))
    assert list(
        find_forbidden_imports("issue", "import certbeam.pipelines.enrich", PIPELINES, "certbeam.pipelines")
    )
    program = 'if __name__ == "__main__":\n    from certbeam.pipelines import cli'
    assert not list(find_forbidden_imports("issue", program, PIPELINES, "certbeam.pipelines"))


@pytest.mark.parametrize(
    "source",
    ["import sqlite3", "from urllib.request import urlopen", "import os.path", "open('x')", "p.read_text()"],
)
def test_a_way_outside_would_be_found(source):
    assert list(find_outside_access(source))


def test_what_few_runs_need_is_not_imported_at_the_start():
    """What draws PNG and PDF, and what calls HTTP APIs, takes a sixth of the start."""
    source = "import sys, certbeam.pipelines.cli.run_pipeline, certbeam.pipelines.issue; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", source], text=True).split()  # noqa: S603
    assert {"certbeam.artwork.render.renderer", "certbeam.io.port_table"} <= set(modules)
    assert {"cairocffi", "pikepdf", "typst", "httpx"}.isdisjoint(modules)


def test_an_import_of_another_room_of_the_same_layer_would_be_found():
    assert list(find_forbidden_imports("badges", "from certbeam.issuing.claim import Claim"))
