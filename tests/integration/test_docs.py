"""Run every command of the pages. Only the values that a session replaces differ from the page."""

import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
import orjson
import pytest
import yaml

from certbeam.deploy.flink.cluster import FlinkCluster
from certbeam.deploy.services.jars import jars
from certbeam.deploy.services.java import EXPANSION_SERVICE, class_path, thin_jar
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.tests.documented import NOT_RUN, ROOT, Session, Typed, commands
from certbeam.tests.integration.listeners import open_to_others
from certbeam.tests.integration.platform_server import PlatformServer
from certbeam.tests.integration.topics import put, take_all

REJECTED = {"certbeam issue": 1}
"""The exit status of the demo: its events include one rejected event of each kind."""

DEMOS = ("make demo", "make flink")

EVENTS = (ROOT / "examples" / "issue-events.jsonl").read_bytes().splitlines()
MANIFEST = {
    one["kind"]: one
    for one in yaml.safe_load_all((ROOT / "deploy" / "kubernetes" / "certbeam.yaml").read_text())
}
LETTERS = orjson.loads((ROOT / "examples" / "expected.json").read_bytes())["issue"]["dead_letters"]

_SECONDS = 240.0

T = TypeVar("T")


class Typist(Protocol):
    """An object that runs the commands of a page."""

    def type(self, command: str) -> Typed: ...


def follow(
    session: Typist,
    typed: Iterable[str],
    statuses: Mapping[str, int] = {},
    after: Callable[[str, Typed], None] = lambda *_: None,
) -> None:
    """Run commands in order. Commands that begin with a key of ``statuses`` have that exit status; others have 0."""
    for command in typed:
        if command in NOT_RUN or command in DEMOS:
            continue
        came = session.type(command)
        expected = next((status for begin, status in statuses.items() if command.startswith(begin)), 0)
        assert came.status == expected, f"{command}\n{came.output}"
        after(command, came)


def new_session(folder: Path) -> Session:
    """Return a session with records and events of the demo, under the names on the pages."""
    (folder / "events").mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "issue-events.jsonl", folder / "events")
    shutil.copy(ROOT / "examples" / "lms.json", folder / "records.json")
    return Session(folder, {"https://templates.example.org/": str(ROOT / "examples")})


@pytest.fixture(autouse=True)
def java_that_starts_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return new_session(tmp_path / "page")


def test_the_commands_of_the_quick_start_work(session: Session):
    """`make flink` runs the commands for Kafka, and test_dataflow.py those for Dataflow."""
    page = commands(ROOT / "docs" / "quickstart.md")
    here = [one for one in page if "[local]" not in one and "DataflowRunner" not in one]
    follow(session, here, {".venv/bin/certbeam issue": 1})
    assert identifiers(session.folder / "out" / "certs")


def test_the_demos_work(tmp_path: Path):
    """`make flink` runs the command of the pages for a topic on Flink."""
    make("demo", DEMO=tmp_path / "demo")
    assert (tmp_path / "demo" / "index.html").exists()
    output = make("flink", FLINK_DEMO=tmp_path / "flink")
    assert "All 33 events are read and committed" in output
    assert identifiers(tmp_path / "flink" / "certs")
    (printed,) = (shlex.split(line) for line in output.splitlines() if line.startswith("certbeam issue "))
    (in_quick_start,) = (one for one in commands(ROOT / "docs" / "quickstart.md") if "[local]" in one)
    (on_flink,) = (one for one in commands(ROOT / "docs" / "flink.md") if one not in DEMOS)
    for shown in map(shlex.split, (in_quick_start, on_flink)):
        assert {word for word in shown[1:] if "kafka:" not in word} <= set(printed[1:])
        assert any(word.startswith("--input=kafka://") for word in shown)


def make(target: str, **variables: Path) -> str:
    """Make a target with the environment of the tests and without installation; return the output."""
    given = [f"{name}={value}" for name, value in variables.items()]
    done = ["-o", "env", "-o", "java", "-o", ".venv/dev"]
    command = ["make", *done, target, f"BIN={Path(sys.executable).parent}", *given]
    made = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout


def test_the_commands_of_the_readme_work(session: Session):
    follow(session, commands(ROOT / "README.md"), REJECTED)
    letters = session.folder.glob("out/issue/dead_letters/*.jsonl")
    again = (session.folder / "again.jsonl").read_bytes()
    assert again.count(b"\n") == sum(file.read_bytes().count(b"\n") for file in letters)


def test_the_commands_of_the_page_on_credentials_work(
    session: Session, platform: PlatformServer, tmp_path: Path
):
    page = commands(ROOT / "docs" / "credentials.md")
    begun = next(place for place, command in enumerate(page) if "enc+http" in command)
    with_the_service = new_session(tmp_path / "service")
    with_the_service.replaced["http://enc-service:8013"] = platform.url
    for one, typed in ((session, page[:begun]), (with_the_service, page[:1] + page[begun:])):
        assert one.type("certbeam lms load records.json --lms sqlite:certbeam.db").status == 0

        def name_one(command: str, _: Typed, one: Session = one) -> None:
            if command.startswith("certbeam issue"):
                one.replaced[r"\bID\b"] = identifiers(one.folder / "out" / "certs")[0]

        follow(one, typed, REJECTED, name_one)


def test_the_commands_of_the_page_on_templates_work(session: Session):
    shutil.copy(ROOT / "examples" / "templates" / "completion.svg", session.folder / "certificate.svg")
    (session.folder / "values.json").write_text('{"recipientName": "Asha Rao"}')
    follow(session, commands(ROOT / "docs" / "templates.md"))
    assert (session.folder / "preview.pdf").read_bytes().startswith(b"%PDF")


@pytest.fixture(scope="module")
def flink_cluster() -> Iterator[FlinkCluster]:
    jars()
    with FlinkCluster(task_managers=1) as cluster:
        yield cluster


def test_the_commands_of_the_runbook_work(
    session: Session, kafka_broker: KafkaBroker, flink_cluster: FlinkCluster
):
    with RunbookSession(session, kafka_broker, flink_cluster) as night:
        follow(night, commands(ROOT / "docs" / "runbook.md"), {"certbeam issue --input": 1}, night.check)
        # Flink has no setting for where its metrics for Prometheus are served.
        servers = (flink_cluster.job_manager, *flink_cluster.task_managers)
        assert open_to_others() == {server.metrics_port for server in servers}
    assert night.seen == ["replay", "list", "stop", "restart", "publish", "revoke"]
    page = session.set_by_page
    named = {page[name] for name in ("STORAGE", "LARGE_MESSAGES", "REGISTRY", "KEYS")}
    assert named <= set(config_map().values())
    assert {f"{page['KAFKA']}/{name}" for name in TOPICS.values()} == {
        config_map()[flag].partition("?")[0] for flag in TOPICS
    }


TOPICS = {
    "input": "issue-certificate-request",
    "outcomes": "certbeam-outcomes",
    "dead_letters": "certbeam-dead-letters",
    "audit": "telemetry-audit",
}


def config_map() -> dict[str, str]:
    """Return the flags of the Job in the manifest."""
    config: dict[str, str] = yaml.safe_load(MANIFEST["ConfigMap"]["data"]["certbeam.yaml"])
    return config


class RunbookSession:
    """A session that follows the runbook while the Job of the manifest runs on a cluster."""

    def __init__(self, session: Session, broker: KafkaBroker, cluster: FlinkCluster) -> None:
        self.seen: list[str] = []
        self._session = session
        self._cluster = cluster
        self._submissions: list[subprocess.Popen[bytes]] = []
        self._topics = {flag: broker.topic(name) for flag, name in TOPICS.items()}
        folder = session.folder
        self._storage = folder / "certs"
        keys = folder / "secrets" / "keys.json"
        keys.parent.mkdir()
        session.variables |= {
            "FLINK": cluster.master,
            "KAFKA": broker.uri,
            "STORAGE": str(self._storage),
            "LARGE_MESSAGES": str(folder / "large_messages"),
            "REGISTRY": f"sqlite:{folder / 'registry.db'}",
            "KEYS": str(keys),
        }
        config = {
            **config_map(),
            **{
                flag: f"{topic}?group=night" if flag == "input" else topic
                for flag, topic in self._topics.items()
            },
            "lms": f"sqlite:{folder / 'certbeam.db'}",
            "registry": session.variables["REGISTRY"],
            "storage": str(self._storage),
            "large_messages": session.variables["LARGE_MESSAGES"],
            "keys": str(keys),
            "template_allow": str(ROOT / "examples"),
            "java_worker": cluster.java_pool.address,
        }
        (folder / "certbeam.yaml").write_bytes(orjson.dumps(config))
        self._write_flink_program()
        workers = f"--environment_type=EXTERNAL --environment_config={cluster.python_pool.address}"
        session.replaced |= {
            "/etc/certbeam/certbeam.yaml": str(folder / "certbeam.yaml"),
            "certbeam-rest:8081": cluster.master,
            "--parallelism=4": f"--parallelism=1 {workers}",
        }

    def __enter__(self) -> "RunbookSession":
        """Issue the events of the demo with the command of the Job."""
        try:
            self._issue()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _issue(self) -> None:
        for command in (
            "certbeam lms load records.json --lms sqlite:certbeam.db",
            f"certbeam keys new --out {self._session.variables['KEYS']} --base_url {config_map()['base_url']}",
        ):
            assert self._session.type(command).status == 0
        put(self._topics["input"], ((b"", event) for event in EVENTS))
        (container,) = MANIFEST["Job"]["spec"]["template"]["spec"]["containers"]
        self._submit(shlex.join([*container["command"], *container["args"]]))
        wait(lambda: len(self._letters()) == LETTERS)
        service = thin_jar("expansion", EXPANSION_SERVICE)
        self._session.replaced[r"(?<=\$KAFKA/certbeam-dead-letters)"] = (
            f" --max_num_records={LETTERS} --expansion_service={service}"
        )
        letters = self._session.folder / "out" / "issue" / "dead_letters"
        letters.mkdir(parents=True)
        (letters / "dead_letters-0.jsonl").write_bytes(b"".join(one + b"\n" for one in self._letters()))

    def __exit__(self, *_: object) -> None:
        """Cancel the job, and stop the processes that submitted it."""
        for job in self._running():
            httpx.patch(f"http://{self._cluster.master}/jobs/{job}").raise_for_status()
        wait(lambda: not self._running())
        for submission in self._submissions:
            with suppress(ProcessLookupError):
                os.killpg(submission.pid, signal.SIGKILL)
            submission.wait()

    def type(self, command: str) -> Typed:
        """Run a command. Jobs are left running; a health check is repeated until it succeeds."""
        if "--config" in command:
            self._submit(command)
            return Typed(0, "")
        if command.startswith("certbeam health"):
            return wait(lambda: self._type_if_healthy(command))
        return self._session.type(command)

    def _type_if_healthy(self, command: str) -> Typed | None:
        typed = self._session.type(command)
        return typed if typed.status == 0 else None

    def check(self, command: str, typed: Typed) -> None:
        """Check the effect of a command, and set the replacements for the next commands."""
        words, replaced = command.split(), self._session.replaced
        if words[:2] == ["certbeam", "replay"]:
            assert f"{LETTERS} events written" in typed.output
            self._record("replay")
        if words[:2] == ["flink", "list"]:
            (replaced[r"\bJOB\b"],) = re.findall("[0-9a-f]{32}", typed.output)
            self._record("list")
        if words[:2] == ["flink", "stop"]:
            replaced[r"\bSAVEPOINT\b"] = re.findall("Savepoint completed. Path: (.+)", typed.output)[0]
            assert not self._running()
            self._record("stop")
        if "--savepoint_path" in command:
            before = len(take_all(self._topics["outcomes"]))
            put(self._topics["input"], [(b"", EVENTS[1])])
            wait(lambda: len(take_all(self._topics["outcomes"])) > before)
            (job,) = self._running()
            restored = self._ask(f"/jobs/{job}/checkpoints")["latest"]["restored"]
            assert restored["external_path"] == replaced[r"\bSAVEPOINT\b"]
            replaced[r"\bID\b"] = identifiers(self._storage)[0]
            self._record("restart")
        if words[:3] == ["certbeam", "keys", "publish"]:
            assert "1 status lists signed" in typed.output
            self._record("publish")
        if words[:2] == ["certbeam", "revoke"]:
            with closing(sqlite3.connect(self._session.folder / "registry.db")) as registry:
                rows = registry.execute("SELECT id FROM cert_registry WHERE isrevoked = 1").fetchall()
            assert (replaced[r"\bID\b"],) in rows
            self._record("revoke")

    def _record(self, what: str) -> None:
        if what not in self.seen:
            self.seen.append(what)

    def _submit(self, command: str) -> None:
        known, told = self._running(), self._session.folder / "submission.log"
        with told.open("ab") as log:
            submission = subprocess.Popen(  # noqa: S602 - the page's own words
                self._session.replace(command),
                shell=True,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self._session.folder,
                env=self._session.environment,
            )
        self._submissions.append(submission)

        def begun() -> set[str]:
            assert submission.poll() is None, told.read_text()
            return self._running() - known

        wait(begun)

    def _running(self) -> set[str]:
        jobs = self._ask("/jobs/overview")["jobs"]
        return {job["jid"] for job in jobs if job["state"] not in ("FINISHED", "CANCELED", "FAILED")}

    def _ask(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(f"http://{self._cluster.master}{path}").json()
        return answer

    def _letters(self) -> list[bytes]:
        return [message.value for message in take_all(self._topics["dead_letters"])]

    def _write_flink_program(self) -> None:
        """Write the command ``flink``, which the base image has."""
        folder = self._session.folder
        (folder / "bin").mkdir()
        (folder / "config.yaml").touch()
        program = folder / "bin" / "flink"
        main = "org.apache.flink.client.cli.CliFrontend"
        program.write_text(
            f'#!/bin/sh\nFLINK_CONF_DIR={folder} exec java -cp "{class_path("flink")}" {main} "$@"\n'
        )
        program.chmod(0o755)


def identifiers(storage: Path) -> list[str]:
    """Return the ids of the certificates in a folder."""
    return sorted({path.name.split(".")[0] for path in storage.glob("batch-*/????????-*.json")})


def wait(until: Callable[[], T | None]) -> T:
    """Call ``until`` until its result is true, and return the result."""
    deadline = time.monotonic() + _SECONDS
    while not (answer := until()):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    return answer
