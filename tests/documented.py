"""Commands on the pages and in the files of the deployment, and a session that runs them."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from certbeam.pipelines.cli.main import main

ROOT = Path(__file__).parents[1]
NAMED = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = [*(ROOT / name for name in NAMED), *sorted((ROOT / "docs").glob("*.md"))]
DEPLOYMENT = [
    ROOT / "deploy" / "Dockerfile",
    ROOT / "deploy" / "Dockerfile.dataflow",
    ROOT / "deploy" / "compose.yaml",
    ROOT / "deploy" / "compose-flink.yaml",
    ROOT / "deploy" / "kubernetes" / "certbeam.yaml",
]

_BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_IN_COMMENT = re.compile(r"^ *#.*?((?:docker compose |kubectl |(?<!`)\bmake (?=[a-z-]+$)).+)$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)")

_HERE = "there is neither a Kubernetes nor a Docker here; tests/deploy/test_manifests.py checks the files it names"
NOT_RUN: Mapping[str, str] = {
    "make test": "it is what runs this",
    "make quick": "as make test",
    "make hooks": "it changes the clone; tests/test_checks.py looks at what it installs",
    "make bench": "it takes minutes; tests/bench runs its parts",
    "make bench BENCH_EVENTS=1000,10000,100000 BENCH_ROUNDS=3": "as make bench",
    "certbeam preview certificate.svg --serve": "it runs until Ctrl-C; test_preview_page.py opens its page",
    "make image": "it takes minutes and needs a container engine",
    "make dataflow-image": "as make image",
    "kafka-configs.sh --bootstrap-server kafka:9092 --describe --all --entity-type topics"
    " --entity-name certbeam-dead-letters": "Kafka's scripts are not among its Maven artifacts",
    "docker compose -f deploy/compose.yaml up": _HERE,
    "docker compose -f deploy/compose-flink.yaml up": _HERE,
    "docker compose -f deploy/compose-flink.yaml run submit issue --config=/etc/certbeam/certbeam.yaml"
    " --runner=FlinkRunner --flink_master=jobmanager:8081": _HERE,
    "kubectl create secret generic certbeam-secrets --from-file=keys.json --from-file=cassandra-password": _HERE,
    "kubectl apply -f deploy/kubernetes/certbeam.yaml": _HERE,
    "kubectl exec -it deploy/certbeam-shell -- bash": _HERE,
    "kubectl apply -f certbeam.yaml -l part=cluster": _HERE,
    "kubectl wait flinkdeployment/certbeam --for=jsonpath='{.status.lifecycleState}'=STABLE --timeout=10m": _HERE,
    "kubectl delete job certbeam-issue": _HERE,
    "kubectl apply -f certbeam.yaml": _HERE,
    "kubectl exec deploy/certbeam-shell -- cat keys.json > keys.json": _HERE,
    "kubectl create secret generic certbeam-secrets --from-file=keys.json --from-file=cassandra-password"
    " --dry-run=client -o yaml | kubectl apply -f -": _HERE,
}
"""Commands that no test runs, and why."""


def commands(file: Path) -> list[str]:
    """Return the commands in the shell blocks of a page or the comments of a deployment file, without remarks."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        lines = [line.strip() for _, block in _BLOCK.findall(text) for line in block.splitlines()]
    else:
        lines = _IN_COMMENT.findall(text)
    typed = (re.split(r"\s+# ", line)[0] for line in lines)
    return [line for line in typed if line and not line.startswith("#")]


class Typed(NamedTuple):
    """Exit status and output of a command."""

    status: int
    output: str


class Session:
    """A shell session that follows a page, in a folder with the examples and deployment files of the repository.

    Args:
        folder: the working directory.
        replaced: patterns of values that differ here, such as host names, and their replacements.
        variables: environment variables. Assignments on the page do not change them.
    """

    def __init__(
        self, folder: Path, replaced: Mapping[str, str] = {}, variables: Mapping[str, str] = {}
    ) -> None:
        self.folder = folder
        self.replaced = dict(replaced)
        self.variables = dict(variables)
        self.set_by_page: dict[str, str] = {}
        programs = Path(sys.executable).parent
        self._path = os.pathsep.join([str(folder / "bin"), str(programs), os.environ["PATH"]])
        for name in ("examples", "deploy"):
            (folder / name).symlink_to(ROOT / name)
        (folder / ".venv").mkdir()
        (folder / ".venv" / "bin").symlink_to(programs)

    def type(self, command: str) -> Typed:
        """Run a command as a shell would. Commands of certbeam run in this process, because its start is slow."""
        if assigned := _ASSIGNMENT.fullmatch(command):
            name, value = assigned.groups()
            self.set_by_page[name] = value.strip("'")
            assert name in self.variables, f"{name} has no value here: add it to the session"
            return Typed(0, "")
        command = self.replace(command)
        program, *arguments = self._words(command)
        if Path(program).name != "certbeam" or set(command) & set("|<>;"):
            done = self._run(command)
            return Typed(done.returncode, done.stdout + done.stderr)
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner().invoke(main, arguments, prog_name="certbeam")
        finally:
            os.chdir(before)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Typed(result.exit_code, result.output)

    def replace(self, command: str) -> str:
        """Return the command with the replacements of this session."""
        for pattern, value in self.replaced.items():
            command = re.sub(pattern, value.replace("\\", r"\\"), command)
        return command

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of a command."""
        return {**os.environ, "PATH": self._path, **self.variables}

    def _run(self, command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S602 - the page's own words
            command,
            shell=True,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment,
        )

    def _words(self, command: str) -> list[str]:
        """Return the words of the command, as the shell splits them."""
        first = re.split(r"&&|[|<>;]", command)[0]
        done = self._run(f"printf '%s\\0' {first}")
        done.check_returncode()
        return done.stdout.split("\0")[:-1]
