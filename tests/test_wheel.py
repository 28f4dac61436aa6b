"""The wheel, installed outside of the source tree: its files, its command line and a run."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import certbeam

ROOT = Path(certbeam.__file__).parent
EXAMPLES = ROOT / "examples"
UNSHIPPED = {"bench", "deploy", "docs", "examples", "tests", "tools"}
"""Folders of the repository that are not part of the product."""

GENERATED = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "demo-out", "node_modules")
"""Generated files. The wheel is built from a copy without them, as from a clone."""

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with no way to the source tree in its environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(  # noqa: S603
        [str(one) for one in command],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def succeed(*command: str | Path, folder: Path) -> str:
    """Run a command that must exit with status 0, and return its output."""
    done = run(*command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=GENERATED)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    succeed(*pip, "--wheel-dir", folder, folder / "source", folder=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the installed wheel and the libraries of the tests' environment."""
    environment = tmp_path_factory.mktemp("installed")
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps")
    succeed(*pip, wheel, folder=environment)
    # Python reads no .pth file of a folder that a .pth file names, so an editable certbeam there stays out of the way.
    site_packages = succeed(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=environment
    )
    libraries = "\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    (Path(site_packages.strip()) / "libraries.pth").write_text(libraries)
    return environment / "bin"


def test_the_wheel_has_the_files_of_the_product_only(wheel: Path):
    """A top folder must be listed in setup.py, and setup.py itself must not be included."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name.removeprefix("certbeam/") for name in archive.namelist() if ".dist-info/" not in name}
    product = {
        str(path.relative_to(ROOT))
        for folder in ROOT.iterdir()
        if ((folder / "__init__.py").exists() or folder.name == "schemas") and folder.name not in UNSHIPPED
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == {"__init__.py", "py.typed", *product}


def test_only_the_package_and_its_metadata_are_installed(installed: Path):
    site_packages = next(installed.parent.glob("lib/python*/site-packages"))
    assert {path.name for path in site_packages.iterdir()} == {
        "certbeam",
        f"certbeam-{certbeam.__version__}.dist-info",
        "libraries.pth",
    }


def test_the_command_line_runs_the_code_of_the_wheel(installed: Path, tmp_path: Path):
    imported = succeed(
        installed / "python", "-c", "import certbeam; print(certbeam.__file__)", folder=tmp_path
    )
    assert Path(imported.strip()).is_relative_to(installed.parent)
    assert certbeam.__version__ in succeed(installed / "certbeam", "--version", folder=tmp_path)
    assert "--template_allow" in succeed(installed / "certbeam", "issue", "--help", folder=tmp_path)


@pytest.fixture
def records(installed: Path, tmp_path: Path) -> Path:
    """An empty folder. Its parent has one event and the tables of the learning platform."""
    event = (EXAMPLES / "issue-events.jsonl").read_bytes().splitlines()[2]
    (tmp_path / "events.jsonl").write_bytes(event)
    loaded = (installed / "certbeam", "lms", "load", EXAMPLES / "lms.json", "--lms", "sqlite:../lms.db")
    folder = tmp_path / "empty"
    folder.mkdir()
    succeed(*loaded, folder=folder)
    return folder


def test_a_certificate_is_issued_from_an_empty_folder(installed: Path, records: Path):
    flags = ("--input", "../events.jsonl", "--lms", "sqlite:../lms.db", "--template_allow", EXAMPLES)
    summary = json.loads(succeed(installed / "certbeam", "issue", *flags, "--json", folder=records))
    assert set(summary["outcomes"]) == {"issued"}
    assert list(records.glob("out/certs/*/*.svg"))


@pytest.mark.parametrize("pipeline", ["issue", "enrich"])
def test_without_allowed_templates_nothing_is_read_or_written(installed: Path, records: Path, pipeline: str):
    """The wheel has no examples, so a default that names them would fail every event."""
    flags = ("--input", "../events.jsonl", "--lms", "sqlite:../lms.db")
    refused = run(installed / "certbeam", pipeline, *flags, folder=records)
    assert refused.returncode == 2
    message = " ".join(refused.stderr.split())
    assert "--template_allow=: the flag is required: add --template_allow URL." in message
    assert "An installed wheel has no examples" in message
    assert list(records.iterdir()) == []
