"""What is added in for Dataflow, and what is refused because its workers could never do it."""

import pytest

from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import JobSettings, job_settings
from certbeam.pipelines.runners.dataflow import add_options

CLOUD = ("--runner=DataflowRunner", "--project=example", "--region=europe-west1")
IMAGE = "--sdk_container_image=example/certbeam"
SERVICES = {
    **{flag: f"kafka://broker:9092/{flag}" for flag in ("input", "outcomes", "dead_letters", "audit")},
    **dict.fromkeys(("lms", "registry"), "cassandra://host/keyspace"),
    **{flag: f"gs://example/{flag}" for flag in ("storage", "template_allow", "large_messages")},
}


def job(pipeline: str = "issue", **changed: str) -> JobSettings:
    return job_settings(pipeline, complete(pipeline, {}, SERVICES | changed))


@pytest.mark.parametrize("arguments", [(), ("--runner=DirectRunner",), ("--runner=FlinkRunner",)])
def test_other_runners_are_left_alone(arguments: tuple[str, ...]):
    assert add_options(arguments, job(lms="sqlite:certbeam.db")) == []


def test_the_job_has_its_pipelines_name():
    (added,) = add_options((*CLOUD, IMAGE), job())
    assert added.argument == "--job_name=certbeam-issue"
    assert add_options((*CLOUD, IMAGE, "--job_name=mine"), job()) == []


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("input", "events/*.jsonl"),
        ("lms", "sqlite:certbeam.db"),
        ("courses", "sqlite:certbeam.db"),
        ("storage", "out/certs"),
        ("large_messages", "out/large_messages"),
        ("registry", "sqlite:certbeam.db"),
        ("status_slots", "sqlite:slots.db"),
        ("audit", "out/audit"),
        ("template_allow", "/templates"),
    ],
)
def test_what_only_this_machine_has_is_refused(flag: str, value: str):
    with pytest.raises(FlagError, match="workers cannot reach this machine") as error:
        add_options((*CLOUD, IMAGE), job(**{flag: value}))
    assert (error.value.flag, error.value.value) == (flag, value)


def test_a_pipeline_without_a_registry_needs_none():
    assert add_options((*CLOUD, IMAGE), job("enrich", requests_output="kafka://broker:9092/generate"))


@pytest.mark.parametrize("installed", [IMAGE, "--setup_file=setup.py", "--extra_package=certbeam.whl"])
def test_workers_without_certbeam_are_refused(installed: str):
    assert add_options((*CLOUD, installed), job())
    with pytest.raises(FlagError, match="has no certbeam"):
        add_options(CLOUD, job())
