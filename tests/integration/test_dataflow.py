"""The job for Dataflow, written by the commands of the quick start to an emulator of Cloud Storage."""

import base64
import bz2
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from apache_beam.portability.api import beam_runner_api_pb2
from google.cloud import storage

from certbeam.io.port_table import LEARNING_TABLES
from certbeam.tests.documented import ROOT, Session, commands

STAGES = (
    *("ParseEvents", "IssueEnrich", "ClaimStatus", "GenerateCert", "StoreCertificate", "RegisterCertificate"),
    *("RecordEnrolment", "Announce"),
)
SINKS = ("Write outcomes", "Write dead letters", "Write audit events")
IMAGE = "certbeam-dataflow:0.1.0"


@pytest.fixture
def session(
    tmp_path: Path, new_keyspace: Callable[[], str], bucket: storage.Bucket, expansion_service: str
) -> Session:
    """A session with the parameters of the page, changed for the local servers."""
    session = Session(tmp_path)
    keys = tmp_path / "keys.json"
    new = f"certbeam keys new --out {keys} --base_url https://certs.example.org/certs"
    assert session.type(new).status == 0
    keyspace = new_keyspace()
    LEARNING_TABLES.open(keyspace)(ROOT / "examples" / "lms.json")
    parameters = {
        **yaml.safe_load((ROOT / "deploy" / "templates" / "dataflow.yaml").read_text()),
        **dict.fromkeys(("lms", "registry"), f"{keyspace}?datacenter=datacenter1"),
        **{flag: f"gs://{bucket.name}/{flag}" for flag in ("storage", "template_allow")},
        "keys": str(keys),
        "expansion_service": expansion_service,
    }
    (tmp_path / "parameters.json").write_text(json.dumps(parameters))
    session.replaced |= {
        "deploy/templates/dataflow.yaml": "parameters.json",
        "certbeam-example": bucket.name,
        # The emulator asks nobody who they are.
        "--runner=DataflowRunner": "--runner=DataflowRunner --no_auth",
    }
    return session


def test_the_job_is_written_and_not_run(session: Session, bucket: storage.Bucket):
    dry, written = (one for one in commands(ROOT / "docs" / "quickstart.md") if "DataflowRunner" in one)
    steps = session.type(dry)
    assert steps.status == 0, steps.output
    assert not list(bucket.list_blobs())
    made = session.type(written)
    assert made.status == 0, made.output
    assert f"The job of these steps is in gs://{bucket.name}/jobs/issue" in made.output

    text = bucket.blob("jobs/issue").download_as_bytes()
    job = json.loads(text)
    environment = job["environment"]
    graph = read(bucket, environment["sdkPipelineOptions"]["options"]["pipelineUrl"])
    pipeline = beam_runner_api_pb2.Pipeline.FromString(graph)
    names = {one.unique_name for one in pipeline.components.transforms.values() if not one.subtransforms}
    assert {line for line in steps.output.splitlines() if line in names} == names
    for stage in (*STAGES, *SINKS):
        assert any(name.startswith(stage) for name in names), stage

    assert (job["name"], job["type"]) == ("certbeam-issue", "JOB_TYPE_STREAMING")
    assert set(environment["experiments"]) >= {"use_runner_v2", "enable_streaming_engine"}
    (pool,) = environment["workerPools"]
    images = {one["containerImage"] for one in pool["sdkHarnessContainerImages"]}
    assert IMAGE in images
    assert [one.rpartition("/")[2].partition(":")[0] for one in images - {IMAGE}] == ["beam_java17_sdk"]
    staged = {package["location"].partition("/")[2] for package in pool["packages"]}
    assert staged <= {f"{blob.bucket.name}/{blob.name}" for blob in bucket.list_blobs()}

    told = b"\n".join([text, graph, *pickled(pipeline)])
    assert b"keys.json" in told
    for key in json.loads((session.folder / "keys.json").read_text())["keys"]:
        secret = key.get("d") or key["k"]
        assert secret.encode() not in told
        assert base64.urlsafe_b64decode(secret + "==") not in told


def read(bucket: storage.Bucket, url: str) -> bytes:
    body: bytes = bucket.blob(url.removeprefix(f"gs://{bucket.name}/")).download_as_bytes()
    return body


def pickled(pipeline: beam_runner_api_pb2.Pipeline) -> list[bytes]:
    """Return the pickles of the Python steps, which have the settings of the job."""
    payloads = (
        beam_runner_api_pb2.ParDoPayload.FromString(one.spec.payload).do_fn
        for one in pipeline.components.transforms.values()
        if one.spec.urn == "beam:transform:pardo:v1"
    )
    return [
        bz2.decompress(base64.b64decode(function.payload))
        for function in payloads
        if function.urn == "beam:dofn:pickled_python_info:v1"
    ]
