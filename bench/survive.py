"""Issue certificates on a Flink cluster while its parts are killed with SIGKILL, and check the results.

    python -m certbeam.bench.survive FOLDER [--events N] [--rate PER_SECOND] [--kills N] [--every SECONDS] [--seed N]

The parts are killed in turn. With --seed, they are killed in random order, sometimes two at once, and at any moment of
a checkpoint or of a restart.

It needs Java 17 and Maven. It starts Kafka, a JobManager, two TaskManagers, the worker pools and the job, all on free
ports. The exit status is 0 if each learner has exactly one certificate in storage, one row in the registry, one entry
on the enrolment and an audit event, and there is nothing else.
"""

import argparse
import contextlib
import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx
import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from certbeam.bench.make_input import EXAMPLES, Shape, make_input
from certbeam.deploy.flink.cluster import FlinkCluster
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.deploy.services.kafka_client import committed_offsets, produce, read_all
from certbeam.deploy.services.server import temporary_files_in

TEMPLATE = EXAMPLES.parent / "deploy" / "templates" / "issue.json"
PARTITIONS = 2
GROUP = "survive"
ENDINGS = ("", ".json", ".svg")
"""Endings of the files of a certificate. The file without an ending is at the URL of the id."""

_SECONDS_TO_START = 600.0
_SECONDS_TO_FINISH = 900.0


SUBMISSION = "job server"
PYTHON_WORKERS = "the Python pool's workers"
JAVA_WORKERS = "the Java pool's workers"
PARTS = (
    *("task-manager-1", "python-workers", "java-workers", SUBMISSION),
    *("task-manager-2", PYTHON_WORKERS, JAVA_WORKERS, "job-manager"),
)
"""Parts to kill, in turn."""


class Kill(NamedTuple):
    """A kill of one or more parts at once.

    Attributes:
        pause: seconds since the restart after the kill before.
        parts: the names of the parts.
    """

    pause: float
    parts: tuple[str, ...]


def in_turn(kills: int, every: float) -> list[Kill]:
    """Return a schedule that kills one part after the other."""
    return [Kill(every, (part,)) for part in itertools.islice(itertools.cycle(PARTS), kills)]


def at_random(kills: int, every: float, seed: int) -> list[Kill]:
    """Return a schedule that kills one or two parts at once, after up to twice the seconds of ``every``."""
    generator = random.Random(seed)  # noqa: S311
    return [
        Kill(generator.uniform(0, 2 * every), tuple(generator.sample(PARTS, generator.choice((1, 1, 2)))))
        for _ in range(kills)
    ]


class Trial:
    """A job that reads one topic, with its cluster, its input and its outputs, in one folder."""

    def __init__(self, folder: Path, events: int, *, checkpoint_millis: int = 2000) -> None:
        self.folder = folder
        self.events = events
        self.broker = KafkaBroker()
        self.cluster = FlinkCluster()
        self.submission: subprocess.Popen[bytes] | None = None
        self._checkpoint_millis = checkpoint_millis
        self._produced = threading.Event()

    def __enter__(self) -> "Trial":
        """Start the servers, and make the input."""
        with ExitStack() as stack:
            make_input(self.folder, Shape(self.events))
            stack.callback(self.broker.stop)
            self.broker.start()
            self.topic = self.broker.topic("issue-events", PARTITIONS)
            self.outcomes, self.dead_letters, self.audit = map(
                self.broker.topic, ("outcomes", "dead-letters", "audit")
            )
            stack.enter_context(self.cluster)
            stack.callback(self.kill_submission)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self._running.close()

    def submit(self, *more: str) -> str:
        """Submit the job, wait until it runs, and return its id.

        Raises:
            RuntimeError: if the submission ends, or the job does not run in time.
        """
        known = {job["jid"] for job in self._jobs()}
        with (self.folder / "submission.log").open("ab") as log:
            self.submission = subprocess.Popen(  # noqa: S603
                [*self._command(), *more],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    **os.environ,
                    **temporary_files_in(self.folder),
                    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
                },
            )

        submission = self.submission

        def running_job() -> str:
            if submission.poll() is not None:
                raise RuntimeError(f"the submission ended: see {self.folder}/submission.log")
            return next((job["jid"] for job in self._jobs() if _runs(job, known)), "")

        return str(self.wait(running_job, _SECONDS_TO_START))

    def kill_submission(self) -> None:
        """Kill the process that submitted the job, its job server and its expansion service."""
        process, self.submission = self.submission, None
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop_with_savepoint(self, job: str) -> str:
        """Stop a job as an upgrade does, and return the savepoint for its next version.

        Raises:
            RuntimeError: if the savepoint fails, or is not complete in time.
        """
        stop = {"targetDirectory": f"file://{self.cluster.folder}/savepoints", "drain": False}
        request = httpx.post(f"{self._rest}/jobs/{job}/stop", json=stop).json()["request-id"]

        def savepoint() -> str:
            # Flink returns no operation until it is complete.
            operation = httpx.get(f"{self._rest}/jobs/{job}/savepoints/{request}").json()["operation"] or {}
            if "failure-cause" in operation:
                raise RuntimeError(str(operation["failure-cause"])[:500])
            return str(operation.get("location", ""))

        return str(self.wait(savepoint, _SECONDS_TO_START))

    def cancel(self, job: str) -> None:
        """Cancel a job without a savepoint. Only its committed offsets remain."""
        httpx.patch(f"{self._rest}/jobs/{job}").raise_for_status()
        self.wait(lambda: self._state(job) == "CANCELED", _SECONDS_TO_START)

    def produce(self, rate: float) -> None:
        """Write the events to the topic, at a rate per second."""
        producer = Producer({"bootstrap.servers": self.broker.bootstrap})
        start = time.monotonic()
        for number, event in enumerate((self.folder / "events.jsonl").read_bytes().splitlines()):
            time.sleep(max(0.0, start + number / rate - time.monotonic()))
            producer.produce("issue-events", event, partition=number % PARTITIONS)
            producer.poll(0)
        producer.flush()
        self._produced.set()

    def send(self, *events: bytes) -> None:
        """Write more events to the topic."""
        produce(self.broker.bootstrap, "issue-events", ((None, event) for event in events))

    def kill(self, schedule: Iterable[Kill]) -> list[str]:
        """Kill parts, restart each of them as its supervisor would, and return the names of the killed parts."""
        servers = {server.name: server for server in self.cluster.servers}
        killed: list[str] = []
        for pause, parts in schedule:
            time.sleep(pause)
            for part in parts:
                if part == SUBMISSION:
                    self.kill_submission()
                elif part == PYTHON_WORKERS:
                    self.cluster.python_pool.kill_workers()
                elif part == JAVA_WORKERS:
                    self.cluster.java_pool.kill_workers()
                else:
                    servers[part].kill()
            # A job outlives its submission, and a pool restarts its workers itself.
            for part in parts:
                if part in servers:
                    servers[part].start()
            killed += parts
        return killed

    def wait_until_done(self) -> None:
        """Wait until all events are committed and every event has an outcome.

        Raises:
            RuntimeError: if this is not so in time.
        """
        self.wait(self._produced.is_set, _SECONDS_TO_FINISH)
        self.wait(lambda: self.committed() >= self.events, _SECONDS_TO_FINISH)
        self.wait(lambda: len(self.outcomes_by_user()) >= self.events, _SECONDS_TO_FINISH)

    def committed(self) -> int:
        """Return the number of events whose offsets are committed."""
        partitions = [TopicPartition("issue-events", number) for number in range(PARTITIONS)]
        settings = {
            "bootstrap.servers": self.broker.bootstrap,
            "group.id": GROUP,
            "enable.auto.commit": False,
        }
        with contextlib.closing(Consumer(settings)) as consumer:
            return sum(max(0, offset) for offset in committed_offsets(consumer, partitions))

    def outcomes_by_user(self) -> dict[str, set[str]]:
        """Return the outcomes so far, by user."""
        outcomes: dict[str, set[str]] = {}
        for line in _values(self.broker, "outcomes"):
            outcomes.setdefault(line["userId"], set()).add(line["outcome"])
        return outcomes

    def letters(self) -> list[dict[str, Any]]:
        """Return the dead letters so far."""
        return _values(self.broker, "dead-letters")

    def faults(self) -> list[str]:
        """Return a message for each kind of certificate, row, entry or file that is missing, doubled or left over."""
        registry = self._rows("registry.db", "SELECT id, isrevoked FROM cert_registry")
        rows = self._rows("lms.db", "SELECT batchid, issued_certificates FROM user_enrolments")
        lists = [orjson.loads(text or b"[]") for _, text in rows]
        identifiers = [entry["identifier"] for entries in lists for entry in entries]
        root = self.folder / "certs"
        # Badge classes and evidence are in the same folders, with other names.
        files = {f"{path.parent.name}/{path.name}" for path in root.glob("batch-*/[0-9a-f.]*")}
        needed = {
            f"{batch}/{entries[0]['identifier']}{ending}"
            for (batch, _), entries in zip(rows, lists, strict=True)
            for ending in ENDINGS
            if entries
        }
        letters = self.letters()
        return [
            message
            for is_wrong, message in (
                (len(registry) != self.events, f"{len(registry)} registry rows for {self.events} events"),
                (any(revoked for _, revoked in registry), "a certificate is revoked"),
                (any(len(entries) != 1 for entries in lists), "an enrolment does not have exactly one entry"),
                (
                    set(identifiers) != {row[0] for row in registry},
                    "the enrolments and the registry have different ids",
                ),
                (bool(needed - files), f"{len(needed - files)} files are missing in storage"),
                (bool(files - needed), f"{len(files - needed)} files in storage belong to nothing"),
                (bool(letters), f"{len(letters)} dead letters"),
            )
            if is_wrong
        ]

    def unannounced(self) -> int:
        """Return the number of certificates without an audit event."""
        announced = {event["object"]["id"] for event in _values(self.broker, "audit")}
        return sum(
            row[0] not in announced for row in self._rows("registry.db", "SELECT id FROM cert_registry")
        )

    def wait(self, until: Callable[[], Any], seconds: float) -> Any:
        """Call a function until its result is true, and return the result.

        Args:
            until: the function.
            seconds: the time limit.

        Raises:
            RuntimeError: if no result is true in time.
        """
        deadline = time.monotonic() + seconds
        while not (result := until()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"not done in {seconds:.0f} s: see {self.folder}")
            time.sleep(0.5)
        return result

    def _command(self) -> Sequence[str]:
        """Return the command that launches the pipeline from its specification, as a platform does."""
        parameters = {
            "input": f"{self.topic}?group={GROUP}",
            "outcomes": self.outcomes,
            "dead_letters": self.dead_letters,
            "audit": self.audit,
            "lms": f"sqlite:{self.folder / 'lms.db'}",
            "registry": f"sqlite:{self.folder / 'registry.db'}",
            "storage": str(self.folder / "certs"),
            "template_allow": str(EXAMPLES),
            "formats": "json,svg",
            "java_worker": self.cluster.java_pool.address,
        }
        file = self.folder / "parameters.json"
        file.write_bytes(orjson.dumps(parameters))
        return (
            *(str(Path(sys.executable).with_name("certbeam")), "launch", str(TEMPLATE)),
            *(f"--parameters-file={file}", *self.cluster.flags),
            f"--parallelism={self.cluster.task_slots}",
            f"--checkpointing_interval={self._checkpoint_millis}",
        )

    @property
    def _rest(self) -> str:
        return f"http://{self.cluster.master}"

    def _state(self, job: str) -> str:
        return str(next(state["state"] for state in self._jobs() if state["jid"] == job))

    def _jobs(self) -> list[dict[str, Any]]:
        jobs: list[dict[str, Any]] = httpx.get(f"{self._rest}/jobs/overview", timeout=60).json()["jobs"]
        return jobs

    def _rows(self, file: str, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.folder / file)) as connection:
            return connection.execute(query).fetchall()


def _runs(job: dict[str, Any], known: set[str]) -> bool:
    tasks = job["tasks"]
    return job["jid"] not in known and tasks["total"] > 0 and tasks["running"] == tasks["total"]


def _values(broker: KafkaBroker, topic: str) -> list[dict[str, Any]]:
    """Return the values of all messages of a topic."""
    return [orjson.loads(message.value) for message in read_all(broker.bootstrap, topic)]


def main() -> int:
    """Read the arguments, run the trial, print its result, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=500.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--every", type=float, default=5.0)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    schedule = in_turn(arguments.kills, arguments.every)
    if arguments.seed is not None:
        schedule = at_random(arguments.kills, arguments.every, arguments.seed)
    with Trial(arguments.folder.absolute(), arguments.events) as trial:
        trial.submit()
        start = time.monotonic()
        threading.Thread(target=trial.produce, args=(arguments.rate,), daemon=True).start()
        killed = trial.kill(schedule)
        trial.wait_until_done()
        seconds = time.monotonic() - start
        faults = trial.faults()
        if unannounced := trial.unannounced():
            faults.append(f"{unannounced} certificates have no audit event")
        outcomes = len(_values(trial.broker, "outcomes"))
    click.echo(f"killed: {', '.join(killed)}")
    click.echo(
        f"{arguments.events:,} events in {seconds:.0f} s; {outcomes:,} outcome lines, of which"
        f" {outcomes - arguments.events:,} are of events that were processed again"
    )
    click.echo(
        "\n".join(faults)
        or "Every event has one certificate, one registry row, one entry and its audit event. There is nothing else."
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
