"""Kill servers during a run and restart them: nothing is lost, and nothing is made twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from tenacity import retry, retry_if_exception_type, stop_after_delay

from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.jars import jars
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.deploy.services.server import Server, ask, free_port
from certbeam.io.clients.cassandra import TRANSIENT_ERRORS
from certbeam.io.port_table import LEARNING_TABLES
from certbeam.tests.integration import platform_server
from certbeam.tests.integration.runs import EXAMPLES, lines, run
from certbeam.tests.integration.topics import put, take_all

LEARNERS = int(os.environ.get("CERTBEAM_KILL_EVENTS", "300"))
"""Events of a run; 5,000 for the long form."""

EVENTS_A_SECOND = min(100.0, LEARNERS / 15)
"""Rate of events on the topic."""

AHEAD = LEARNERS // 8
"""Maximum number of events that are written before their certificates are made."""

COURSE, BATCH = "do_kill", "batch_kill"


class PlatformProcess(Server):
    """The platform's HTTP services in a process of their own, so that they can be killed."""

    def __init__(self) -> None:
        super().__init__("platform")
        self.port = free_port()
        self.state = platform_server.State(str(self.folder / "state.db"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        return (sys.executable, platform_server.__file__, str(self.port), str(self.folder / "state.db"))

    def answers(self) -> bool:
        return ask(self.port, b"GET / HTTP/1.0\r\n\r\n", 4) == b"HTTP"


@pytest.fixture
def services() -> Iterator[PlatformProcess]:
    with PlatformProcess() as server:
        yield server


@pytest.fixture(scope="module")
def node() -> Iterator[CassandraNode]:
    with CassandraNode() as node:
        yield node


@pytest.fixture
def broker() -> Iterator[KafkaBroker]:
    with KafkaBroker() as broker:
        yield broker


def users() -> list[str]:
    return [f"user-{number:05}" for number in range(LEARNERS)]


def records() -> dict[str, list[dict[str, Any]]]:
    demo = json.loads((EXAMPLES / "lms.json").read_text())
    templates = [one for batch in demo["course_batch"] for one in (batch["cert_templates"] or {}).values()]
    template = next(one for one in templates if one["identifier"] == "tpl-reading-completion")
    enrolment = {"courseid": COURSE, "batchid": BATCH, "active": True, "status": 2}
    return {
        "course_batch": [
            {"courseid": COURSE, "batchid": BATCH, "cert_templates": {template["identifier"]: template}}
        ],
        "user_enrolments": [
            {**enrolment, "userid": user, "completedon": "2026-03-14T09:00:00Z"} for user in users()
        ],
        "users": [{"id": user, "firstName": f"Learner {user}"} for user in users()],
        "courses": [{"identifier": COURSE, "name": "Water", "contentType": "Course"}],
    }


def events() -> list[bytes]:
    edata = {"action": "issue-certificate", "batchId": BATCH, "courseId": COURSE}
    return [
        json.dumps({"mid": f"m-{user}", "ets": 1773500000000, "edata": {**edata, "userIds": [user]}}).encode()
        for user in users()
    ]


@pytest.fixture
def flags(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(events()))
    (tmp_path / "lms.json").write_text(json.dumps(records()))
    LEARNING_TABLES.open(f"sqlite:{tmp_path / 'lms.db'}")(tmp_path / "lms.json")
    return {
        "input": str(tmp_path / "events.jsonl"),
        "lms": f"sqlite:{tmp_path / 'lms.db'}",
        "registry": f"sqlite:{tmp_path / 'lms.db'}",
        "storage": str(tmp_path / "certs"),
        "formats": "json",
        "batch_size": "50",
        **{sink: str(tmp_path / sink) for sink in ("outcomes", "dead_letters", "audit")},
    }


def killed_during(
    server: Server, begun: Callable[[], bool], work: Callable[[], object], *, for_good: bool = False
) -> None:
    """Do some work; after it has begun, kill the server, and restart it unless ``for_good`` is set."""
    errors: list[Exception] = []

    def kill() -> None:
        try:
            deadline = time.monotonic() + 120
            while not begun() and time.monotonic() < deadline:
                time.sleep(0.05)
            server.kill()
            if not for_good:
                time.sleep(1.0)
                server.start()
        except Exception as error:  # a thread's error would be lost
            errors.append(error)

    killer = threading.Thread(target=kill)
    killer.start()
    work()
    killer.join()
    assert not errors


def check_outcomes(flags: dict[str, str], outcomes: list[dict[str, Any]]) -> set[str]:
    """Check that every event has one outcome and every failure a dead letter; return the ids of the certificates."""
    assert Counter(one["userId"] for one in outcomes) == dict.fromkeys(users(), 1)
    letters = Counter(user for one in lines(flags["dead_letters"]) for user in one["edata"]["userIds"])
    assert letters == Counter(one["userId"] for one in outcomes if one["outcome"] == "failed")
    assert all(one["failInfo"]["error"] for one in lines(flags["dead_letters"]))
    return {one["certificateId"] for one in outcomes if one["outcome"] != "failed"}


def stored(flags: dict[str, str]) -> int:
    return (
        len(list((Path(flags["storage"]) / BATCH).glob("*.json"))) if Path(flags["storage"]).exists() else 0
    )


def has_stored(flags: dict[str, str], count: int) -> bool:
    return stored(flags) >= count


def test_no_certificate_is_lost_if_cassandra_is_killed(
    node: CassandraNode, flags: dict[str, str], tmp_path: Path
):
    address = node.keyspace("kills")
    LEARNING_TABLES.open(address)(tmp_path / "lms.json")
    flags = {**flags, "lms": address, "registry": address, "users": flags["lms"], "courses": flags["lms"]}
    killed_during(node, lambda: stored(flags) > LEARNERS // 4, lambda: run("issue", flags))
    issued = check_outcomes(flags, lines(flags["outcomes"]))
    rows, held = registered_and_held(node, "kills")
    assert held == dict.fromkeys(issued, 1)
    assert rows >= issued


@retry(retry=retry_if_exception_type(TRANSIENT_ERRORS), stop=stop_after_delay(120), reraise=True)
def registered_and_held(node: CassandraNode, keyspace: str) -> tuple[set[str], Counter[str]]:
    """Return the ids of certificates in the registry and in the enrolments, read with a quorum.

    It is asked until it answers: nodes that go on need some seconds to see that another is gone.
    """
    quorum = ExecutionProfile(consistency_level=ConsistencyLevel.LOCAL_QUORUM, request_timeout=60.0)
    with Cluster([node.host], port=node.port, execution_profiles={EXEC_PROFILE_DEFAULT: quorum}) as cluster:
        session = cluster.connect(keyspace)
        rows = {row.id for row in session.execute("SELECT id FROM cert_registry")}
        held = Counter(
            entry["identifier"]
            for row in session.execute("SELECT issued_certificates FROM user_enrolments")
            for entry in row.issued_certificates or ()
        )
    return rows, held


@pytest.fixture
def three_nodes() -> Iterator[tuple[CassandraNode, ...]]:
    """A cluster of three nodes. Each node has all rows of a keyspace with three replicas."""
    with ExitStack() as stack:
        first = stack.enter_context(CassandraNode())
        second, third = (
            stack.enter_context(CassandraNode(joins=first, host=host)) for host in ("127.0.0.2", "127.0.0.3")
        )
        yield first, second, third


@pytest.mark.survival
def test_no_certificate_is_lost_if_one_of_three_cassandra_nodes_is_killed(
    three_nodes: tuple[CassandraNode, ...], flags: dict[str, str], tmp_path: Path
):
    first, second, third = three_nodes
    first.keyspace("kills", copies=3)
    address = f"cassandra://{','.join(node.host for node in three_nodes)}:{first.port}/kills"
    LEARNING_TABLES.open(address)(tmp_path / "lms.json")
    flags = {**flags, "lms": address, "registry": address, "users": flags["lms"], "courses": flags["lms"]}
    held_when_killed = 0

    def is_half_done() -> bool:
        nonlocal held_when_killed
        held_when_killed = registered_and_held(second, "kills")[1].total()
        return held_when_killed > LEARNERS // 4

    killed_during(first, is_half_done, lambda: run("issue", flags), for_good=True)
    assert held_when_killed < LEARNERS
    outcomes = lines(flags["outcomes"])
    assert {one["outcome"] for one in outcomes} == {"issued"}
    issued = check_outcomes(flags, outcomes)
    assert len(issued) == LEARNERS
    assert registered_and_held(second, "kills") == (issued, dict.fromkeys(issued, 1))

    # The first comes back without what it missed, and another goes: that one of the two left knows must be enough.
    first.start()
    third.kill()
    run("issue", flags)
    outcomes = lines(flags["outcomes"])
    assert {one["outcome"] for one in outcomes} == {"already-issued"}
    assert check_outcomes(flags, outcomes) == issued
    assert registered_and_held(second, "kills") == (issued, dict.fromkeys(issued, 1))


def test_no_certificate_is_lost_if_an_http_service_is_killed(
    services: PlatformProcess, flags: dict[str, str]
):
    for user in records()["users"]:
        services.state.put("user", user["id"], user)
    services.state.put("content", COURSE, records()["courses"][0])
    flags = {
        **flags,
        "users": services.url,
        "courses": services.url,
        "registry": f"rc+{services.url}/api/v1/TrainingCertificate",
    }
    killed_during(services, lambda: stored(flags) > LEARNERS // 4, lambda: run("issue", flags))
    issued = check_outcomes(flags, lines(flags["outcomes"]))
    entities = Counter(one["jsonUrl"].rpartition("/")[2] for one in services.state.all("rc").values())
    assert all(count == 1 for count in entities.values())
    assert entities.keys() >= {f"{identifier}.json" for identifier in issued}


@contextmanager
def streaming(flags: dict[str, str], log: Path) -> Iterator[None]:
    """Run ``certbeam issue`` as a streaming job on a Flink in its own process."""
    jars()
    command = [
        *(str(Path(sys.executable).with_name("certbeam")), "issue"),
        *("--runner=FlinkRunner", "--flink_master=[local]", "--checkpointing_interval=2000"),
        *(f"--{name}={value}" for name, value in flags.items()),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        yield
        assert process.poll() is None, log.read_text()[-2000:]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        # Shown where the test fails.
        sys.stdout.write(log.read_text()[-3000:])


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def as_they_are_made(flags: dict[str, str], messages: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield messages at a fixed rate, but only a limited number before their certificates are made."""
    made = 0
    for position, message in enumerate(messages):
        time.sleep(1 / EVENTS_A_SECOND)
        if position > made + AHEAD:
            wait_for(partial(has_stored, flags, position - AHEAD), 300)
            made = stored(flags)
        yield BATCH.encode(), message


def test_no_certificate_is_lost_if_kafka_is_killed(
    broker: KafkaBroker, flags: dict[str, str], tmp_path: Path
):
    topics = {name: broker.topic(f"kills-{name}") for name in ("input", "outcomes", "audit")}
    first, *others = events()
    producer = threading.Thread(target=put, args=(topics["input"], as_they_are_made(flags, others)))
    put(topics["input"], [(BATCH.encode(), first)])
    with streaming({**flags, **topics}, tmp_path / "log"):
        wait_for(partial(has_stored, flags, 1), 300)
        producer.start()
        for part in (1, 2):
            wait_for(partial(has_stored, flags, part * LEARNERS // 4 + 1), 300)
            # Events are being put and read, and lines are written at each checkpoint.
            assert producer.is_alive()
            broker.kill()
            time.sleep(1.0)
            broker.start()
        producer.join()
        wait_for(lambda: len(take_all(topics["audit"])) >= LEARNERS, 300)
        wait_for(lambda: len(take_all(topics["outcomes"])) >= LEARNERS, 60)
    outcomes = [json.loads(message.value) for message in take_all(topics["outcomes"])]
    issued = {one["userId"]: one["certificateId"] for one in outcomes}
    assert {one["outcome"] for one in outcomes} <= {"issued", "already-issued"}
    assert issued.keys() == set(users())
    assert {message.key.decode() for message in take_all(topics["audit"]) if message.key} == set(
        issued.values()
    )
    assert {file.stem for file in (Path(flags["storage"]) / BATCH).glob("*.json")} >= set(issued.values())
    with closing(sqlite3.connect(tmp_path / "lms.db")) as database:
        held = database.execute("SELECT userid, issued_certificates FROM user_enrolments").fetchall()
        rows = database.execute("SELECT id FROM cert_registry").fetchall()
    entries = {user: [entry["identifier"] for entry in json.loads(listed)] for user, listed in held}
    assert entries == {user: [identifier] for user, identifier in issued.items()}
    assert sorted(identifier for (identifier,) in rows) == sorted(issued.values())
