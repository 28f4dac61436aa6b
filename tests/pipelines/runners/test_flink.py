"""Default options for Flink; options of the user are not changed."""

from pathlib import Path

import pytest
import yaml

from certbeam.io.events.kafka_topics import OWN_WORKER
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import JobSettings, job_settings
from certbeam.pipelines.runners.flink import JAVA_WORKERS, add_options

TOPIC = "kafka://localhost:9092/issue"
LOCAL = ("--runner=FlinkRunner", "--flink_master=[local]")
CLUSTER = ("--runner=FlinkRunner", "--flink_master=jobs.example.org:8081")


@pytest.fixture(autouse=True)
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of jars."""
    monkeypatch.setenv("CERTBEAM_JARS", str(tmp_path))
    return tmp_path


def job(**flags: str) -> JobSettings:
    return job_settings("issue", complete("issue", {"input": TOPIC, **flags}, {}))


def added(*arguments: str, **flags: str) -> dict[str, str]:
    return {option.name: option.value for option in add_options(arguments, job(**flags))[0]}


@pytest.mark.parametrize("arguments", [(), ("--runner=DirectRunner",), ("--runner=DataflowRunner",)])
def test_options_of_other_runners_are_not_changed(arguments: tuple[str, ...]):
    settings = job()
    assert add_options(arguments, settings) == ([], settings)


def test_a_local_flink_uses_this_process_as_worker():
    flags = added(*LOCAL)
    assert flags["environment_type"] == "LOOPBACK"
    assert "environment_config" not in flags
    assert flags["experiments"] == "use_deprecated_read"
    assert add_options(LOCAL, job())[1].kafka.java_worker == OWN_WORKER


def test_a_cluster_uses_the_worker_pools_of_its_task_managers():
    flags = added(*CLUSTER)
    assert (flags["environment_type"], flags["environment_config"]) == ("EXTERNAL", "localhost:50000")
    assert add_options(CLUSTER, job())[1].kafka.java_worker == JAVA_WORKERS
    assert add_options(CLUSTER, job(java_worker="pool:1234"))[1].kafka.java_worker == "pool:1234"


def test_a_local_flink_listens_on_loopback_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FLINK_CONF_DIR", raising=False)
    folder = Path(added(*LOCAL)["flink_conf_dir"])
    settings = yaml.safe_load((folder / "config.yaml").read_text())
    hosts = ("rest.bind-address", "jobmanager.bind-host", "taskmanager.bind-host")
    assert {settings[host] for host in hosts} == {"127.0.0.1"}
    assert "flink_conf_dir" not in added(*CLUSTER)
    assert added(*LOCAL, "--flink_conf_dir=theirs").keys().isdisjoint({"flink_conf_dir"})
    monkeypatch.setenv("FLINK_CONF_DIR", "theirs")
    assert "flink_conf_dir" not in added(*LOCAL)


def test_options_of_the_user_are_not_changed():
    given = ("--environment_type=DOCKER", "--checkpointing_interval=60000", "--experiments=mine")
    flags = added(*CLUSTER, *given)
    assert not flags.keys() & {"environment_type", "environment_config", "checkpointing_interval"}
    assert flags["experiments"] == "use_deprecated_read"


def test_a_bounded_run_has_no_checkpoints():
    assert not added(*LOCAL, max_num_records="10").keys() & {"checkpointing_interval", "experiments"}


def test_the_time_of_a_bundle_is_divided_by_the_number_of_operator_chains():
    assert added(*CLUSTER)["max_bundle_time_mills"] == "333"
    assert "max_bundle_time_mills" not in added(*CLUSTER, "--max_bundle_time_mills=7")


def test_notices_are_one_more_operator_chain():
    assert added(*CLUSTER, notify="kafka://localhost:9092/notices")["max_bundle_time_mills"] == "250"


def test_fusion_breaks_are_enabled():
    assert add_options(CLUSTER, job())[1].break_fusion


def test_jars_of_the_installation_are_used_instead_of_downloads(jars: Path):
    assert "flink_job_server_jar" not in added(*LOCAL)
    for name in ("flink.jar", "expansion.jar"):
        (jars / name).touch()
    assert added(*LOCAL)["flink_job_server_jar"] == str(jars / "flink.jar")
    assert added(*LOCAL)["flink_version"] == "1.19"
    assert add_options(LOCAL, job())[1].kafka.expansion_service == str(jars / "expansion.jar")
    assert "flink_version" not in added(*LOCAL, "--flink_job_server_jar=theirs.jar")


@pytest.mark.parametrize(
    ("in_flight", "arguments", "bundle"),
    [
        ("600", ("--parallelism=4",), "50"),
        ("3", ("--parallelism=4",), "1"),
        ("600", (), "200"),
        ("600", ("--max_bundle_size=7",), None),
    ],
)
def test_the_bundle_size_is_max_inflight_divided_by_task_slots_and_operator_chains(
    in_flight: str, arguments: tuple[str, ...], bundle: str | None
):
    assert added(*CLUSTER, *arguments, max_inflight=in_flight).get("max_bundle_size") == bundle
