"""Default options for Dataflow, and checks that its workers can reach every address."""

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
def test_options_of_other_runners_are_not_changed(arguments: tuple[str, ...]):
    assert add_options(arguments, job(lms="sqlite:certbeam.db")) == []


def test_the_job_name_is_the_name_of_the_pipeline():
    (option,) = add_options((*CLOUD, IMAGE), job())
    assert option.argument == "--job_name=certbeam-issue"
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
def test_an_address_on_this_machine_is_rejected(flag: str, value: str):
    with pytest.raises(FlagError, match="workers cannot reach this machine") as error:
        add_options((*CLOUD, IMAGE), job(**{flag: value}))
    assert (error.value.flag, error.value.value) == (flag, value)


def test_enrich_needs_no_registry():
    assert add_options((*CLOUD, IMAGE), job("enrich", requests_output="kafka://broker:9092/generate"))


@pytest.mark.parametrize("installed", [IMAGE, "--setup_file=setup.py", "--extra_package=certbeam.whl"])
def test_a_job_whose_workers_lack_certbeam_is_rejected(installed: str):
    assert add_options((*CLOUD, installed), job())
    with pytest.raises(FlagError, match="has no certbeam"):
        add_options(CLOUD, job())
