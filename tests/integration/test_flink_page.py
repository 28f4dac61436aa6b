"""What Flink's web page shows of a launched job: each stage in a box that says its name."""

import contextlib
import itertools
import signal
import subprocess
import sys
import time
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
from certbeam.tests.integration.runs import EXAMPLES

TEMPLATE = EXAMPLES.parent / "deploy" / "templates" / "issue.json"
SHOWN = 300
"""How many characters of a name stand in a box of the page; the rest is cut."""

BOXES = [
    ("Source: Read events",),
    (
        "ParseEvents: read claims",
        "IssueEnrich: find what is earned",
        "AnnounceAgain: make audit events of what is read again",
        "ClaimStatus: claim places on status lists",
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
def job(kafka_broker: KafkaBroker, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A job as Flink's REST interface, which the page is made from, tells of it; with its plan."""
    jars()
    load_records(EXAMPLES / "lms.json", tmp_path / "lms.db")
    certbeam = str(Path(sys.executable).with_name("certbeam"))
    keys = ("--out", str(tmp_path / "keys.json"), "--base_url=https://certs.example.org/certs")
    subprocess.run([certbeam, "keys", "new", *keys], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    parameters = {
        **{
            sink: kafka_broker.topic(f"page-{sink}")
            for sink in ("input", "outcomes", "dead_letters", "audit")
        },
        "lms": f"sqlite:{tmp_path / 'lms.db'}",
        "registry": f"sqlite:{tmp_path / 'registry.db'}",
        "storage": str(tmp_path / "certs"),
        "base_url": "https://certs.example.org/certs",
        "keys": str(tmp_path / "keys.json"),
        "template_allow": str(EXAMPLES),
    }
    (tmp_path / "parameters.json").write_bytes(orjson.dumps(parameters))
    port = free_port()
    (tmp_path / "flink-conf.yaml").write_text(f"rest.bind-port: {port}\n")
    command = [
        *(certbeam, "launch", str(TEMPLATE), f"--parameters-file={tmp_path / 'parameters.json'}"),
        *("--runner=FlinkRunner", "--flink_master=[local]", f"--flink_conf_dir={tmp_path}"),
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        yield told(f"http://127.0.0.1:{port}/jobs", process, tmp_path / "log")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def told(jobs: str, process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    """The answer, once there is a job that has its boxes."""
    job: dict[str, Any] = {}
    while not job.get("vertices"):
        assert process.poll() is None, log.read_text()[-2000:]
        time.sleep(0.5)
        with contextlib.suppress(httpx.HTTPError):
            for known in httpx.get(jobs).json()["jobs"]:
                job = httpx.get(f"{jobs}/{known['id']}").json()
    return job


def test_each_stage_and_each_sink_is_a_box_that_says_its_name(job: dict[str, Any]):
    names = {vertex["id"]: vertex["name"] for vertex in job["vertices"]}
    assert [name for name in names.values() if len(name) > SHOWN] == []
    boxes = {identifier: box_of(name) for identifier, name in names.items()}
    assert sorted(boxes.values()) == list(range(len(BOXES)))

    arrows = {
        (boxes[one["id"]], boxes[node["id"]])
        for node in job["plan"]["nodes"]
        for one in node.get("inputs", ())
    }
    source, *stages = range(BOXES.index(("Write outcomes",)))
    outcomes, dead_letters, audit = range(stages[-1] + 1, len(BOXES))
    assert arrows == {
        *itertools.pairwise((source, *stages)),
        *((stage, sink) for stage in stages for sink in (outcomes, dead_letters)),
        *((stage, audit) for stage in (stages[0], stages[-1])),
    }


def box_of(name: str) -> int:
    """The number of the box whose sentences a name holds, and no others."""
    [number] = (
        number for number, sentences in enumerate(BOXES) if any(sentence in name for sentence in sentences)
    )
    assert all(sentence in name for sentence in BOXES[number])
    return number
