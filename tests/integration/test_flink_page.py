"""A job on a local Flink: names of operator chains in the web UI, counters, and ports on loopback."""

import contextlib
import itertools
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from certbeam.deploy.services.jars import jars
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.deploy.services.server import free_port
from certbeam.io.learning.load import load_records
from certbeam.pipelines.runners import flink
from certbeam.tests.integration.listeners import listeners, open_to_others
from certbeam.tests.integration.runs import EXAMPLES
from certbeam.tests.integration.topics import put
from certbeam.tests.support import generate_event

TEMPLATES = EXAMPLES.parent / "deploy" / "templates"
CERTBEAM = str(Path(sys.executable).with_name("certbeam"))
LOCAL_FLINK = Path(flink.__file__).with_name("flink_local") / "config.yaml"
MAX_NAME = 300
"""Characters of a name that Flink's web UI shows; the rest is cut."""

LISTENING = 10
"""Minimum number of ports that Java processes listen on while a job runs."""

CHAINS = [
    ("Source: Read events",),
    (
        "ParseEvents: read claims",
        "IssueEnrich: find earned certificates",
        "AnnounceAgain: make audit events of what is read again",
        "ClaimStatus: claim status list indexes",
    ),
    ("GenerateCert: make certificates", "StoreCertificate: store certificates"),
    (
        "RegisterCertificate: register certificates",
        "RecordEnrolment: record certificates on enrolments",
        "Announce: make audit events",
    ),
    ("Write outcomes",),
    ("Write dead letters",),
    ("Write audit events",),
]


@pytest.fixture
def parameters(kafka_broker: KafkaBroker, tmp_path: Path) -> dict[str, str]:
    """Parameters of a job over its own topics, the platform of the demo, and a folder."""
    jars()
    load_records(EXAMPLES / "lms.json", tmp_path / "lms.db")
    keys = ("--out", str(tmp_path / "keys.json"), "--base_url=https://certs.example.org/certs")
    subprocess.run([CERTBEAM, "keys", "new", *keys], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return {
        **{
            sink: kafka_broker.topic(f"{tmp_path.name}-{sink}")
            for sink in ("input", "outcomes", "dead_letters", "audit")
        },
        "lms": f"sqlite:{tmp_path / 'lms.db'}",
        "registry": f"sqlite:{tmp_path / 'registry.db'}",
        "storage": str(tmp_path / "certs"),
        "base_url": "https://certs.example.org/certs",
        "keys": str(tmp_path / "keys.json"),
        "template_allow": str(EXAMPLES),
    }


@contextlib.contextmanager
def launched(pipeline: str, parameters: dict[str, str], folder: Path) -> Iterator[dict[str, Any]]:
    """Run a pipeline; yield its job from Flink's REST interface, with its plan and ``url``."""
    (folder / "parameters.json").write_bytes(orjson.dumps(parameters))
    port = free_port()
    (folder / "config.yaml").write_text(f"{LOCAL_FLINK.read_text()}rest.bind-port: {port}\n")
    command = [
        *(CERTBEAM, "launch", str(TEMPLATES / f"{pipeline}.json")),
        f"--parameters-file={folder / 'parameters.json'}",
        *("--runner=FlinkRunner", "--flink_master=[local]", f"--flink_conf_dir={folder}"),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        yield wait_for_job(f"http://127.0.0.1:{port}/jobs", process, folder / "log")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def wait_for_job(jobs: str, process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    """Wait until the job has its operator chains, and return it."""
    job: dict[str, Any] = {}
    while not job.get("vertices"):
        assert process.poll() is None, log.read_text()[-2000:]
        time.sleep(0.5)
        with contextlib.suppress(httpx.HTTPError):
            for known in httpx.get(jobs).raise_for_status().json()["jobs"]:
                url = f"{jobs}/{known['id']}"
                job = {**httpx.get(url).raise_for_status().json(), "url": url}
    return job


def test_stages_in_one_operator_chain_have_separate_counters(parameters: dict[str, str], tmp_path: Path):
    bad = [generate_event(data=[])] * 13 + [generate_event("u-1", name="")] * 8
    put(parameters["input"], ((b"", orjson.dumps(event)) for event in bad))
    with launched("generate", parameters, tmp_path) as job:
        deadline, found = time.monotonic() + 300, Counter[str]()
        while found.total() < len(bad) and time.monotonic() < deadline:
            time.sleep(1)
            with contextlib.suppress(httpx.HTTPError):
                found = dead_letters(job)
        # All servers of the job are up: those of the job server, of the expansion service, of this process for its
        # worker, of Flink, and Beam's for each worker.
        assert Counter(one.program for one in listeners())["java"] > LISTENING
        assert open_to_others() == set()
    assert found == {"ParseEvents": 13, "CheckIssued": 8}


def dead_letters(job: dict[str, Any]) -> Counter[str]:
    """Return the number of events that failed for a missing field, by stage."""
    found = Counter[str]()
    for vertex in job["vertices"]:
        url = f"{job['url']}/vertices/{vertex['id']}/subtasks/metrics"
        for name in (one["id"] for one in httpx.get(url).raise_for_status().json()):
            if counted := re.search(r"certbeam_(\w+)_dead-letter_field-missing$", name):
                for metric in httpx.get(url, params={"get": name, "agg": "sum"}).raise_for_status().json():
                    found[counted[1]] += int(metric["sum"])
    return found


def test_operator_chains_have_the_names_of_their_stages_and_sinks(parameters: dict[str, str], tmp_path: Path):
    with launched("issue", parameters, tmp_path) as job:
        pass
    names = {vertex["id"]: vertex["name"] for vertex in job["vertices"]}
    assert [name for name in names.values() if len(name) > MAX_NAME] == []
    chains = {identifier: find_chain(name) for identifier, name in names.items()}
    assert sorted(chains.values()) == list(range(len(CHAINS)))

    arrows = {
        (chains[one["id"]], chains[node["id"]])
        for node in job["plan"]["nodes"]
        for one in node.get("inputs", ())
    }
    source, *stages = range(CHAINS.index(("Write outcomes",)))
    outcomes, dead_letters, audit = range(stages[-1] + 1, len(CHAINS))
    assert arrows == {
        *itertools.pairwise((source, *stages)),
        *((stage, sink) for stage in stages for sink in (outcomes, dead_letters)),
        *((stage, audit) for stage in (stages[0], stages[-1])),
    }


def find_chain(name: str) -> int:
    """Return the index of the operator chain whose labels a name has, and no others."""
    [number] = (
        number for number, sentences in enumerate(CHAINS) if any(sentence in name for sentence in sentences)
    )
    assert all(sentence in name for sentence in CHAINS[number])
    return number
