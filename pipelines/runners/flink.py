"""Options that Beam's Flink runner needs, and settings of a job on Flink."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from apache_beam.options.pipeline_options import FlinkRunnerOptions, PipelineOptions, StandardOptions

import certbeam
from certbeam.io.events.kafka_topics import OWN_WORKER, KafkaSettings
from certbeam.pipelines.assembly import count_chains
from certbeam.pipelines.catalogue import stages_of
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.pipelines.runners.added_option import AddedOption

PYTHON_WORKERS = "localhost:50000"
JAVA_WORKERS = "localhost:50001"
"""The default addresses of the worker pools: beside each task manager, as in the manifests of deploy/."""

CHECKPOINT_MILLISECONDS = 5000
"""Interval of a streaming job's checkpoints. A message for Kafka waits that long. docs/flink.md explains it."""

BUNDLE_MILLISECONDS = 1000
"""Maximum time that an event waits in the bundles of all operator chains together."""

# The version of the jar that `make jars` makes. With another job server, the user gives its version.
_FLINK_VERSION = "1.19"
_LOCAL = ("[local]", "[auto]")
_LOCAL_FLINK = Path(__file__).with_name("flink_local")
_OPENED_PACKAGES = ("java.lang", "java.nio", "java.util")


def jar_folder() -> Path:
    """Return the folder of certbeam's own jars: CERTBEAM_JARS, or where ``make jars`` makes them."""
    return Path(os.environ.get("CERTBEAM_JARS") or Path(certbeam.__file__).parent / "build" / "services")


def add_options(arguments: Sequence[str], job: JobSettings) -> tuple[list[AddedOption], JobSettings]:
    """Find the options that a job on Flink needs and that the user did not give, and complete its settings.

    Args:
        arguments: the user's arguments for Beam. An option that they contain is not added.
        job: the job's settings.

    Returns:
        The options and the settings. For other runners there are no options, and the settings do not change.
    """
    options = PipelineOptions(list(arguments))
    if options.view_as(StandardOptions).runner != "FlinkRunner":
        return [], job
    local = options.view_as(FlinkRunnerOptions).flink_master in _LOCAL
    given = {argument.lstrip("-").partition("=")[0] for argument in arguments if argument.startswith("--")}
    name = AddedOption("job_name", f"certbeam-{job.pipeline}", "the job's name in Flink's web UI")
    added = [name, *_java_options(given), *_worker_options(given, local=local)]
    if local and "FLINK_CONF_DIR" not in os.environ:
        added.append(
            AddedOption("flink_conf_dir", str(_LOCAL_FLINK), "Flink's own ports are for this machine only")
        )
    if job.streaming:
        added += [*_STREAMING, *_bundle_options(job, options, local=local)]
    # Beam combines all experiments. Of any other option it takes one value, which is the user's.
    missing = [option for option in added if option.name == "experiments" or option.name not in given]
    return missing, replace(job, kafka=_kafka(job, local=local), break_fusion=True)


def _bundle_options(job: JobSettings, options: PipelineOptions, *, local: bool) -> Iterator[AddedOption]:
    """Return the limits of bundles that keep ``max_inflight`` events in flight.

    In each slot, an operator chain finishes its bundle before it starts another one.
    """
    # Beam's default parallelism.
    slots = options.view_as(FlinkRunnerOptions).parallelism
    if slots < 1:
        slots = (os.cpu_count() or 1) if local else 1
    chains = count_chains(job, stages_of(job))
    size = max(1, job.max_inflight // (slots * chains))
    reason = f"--max_inflight={job.max_inflight}, divided by {chains} operator chains in {slots} slots"
    yield AddedOption("max_bundle_size", str(size), reason)
    reason = f"a second, divided by {chains} operator chains"
    yield AddedOption("max_bundle_time_mills", str(BUNDLE_MILLISECONDS // chains), reason)


def _java_options(given: set[str]) -> Iterator[AddedOption]:
    jar = jar_folder() / "flink.jar"
    if jar.exists() and not given & {"flink_job_server_jar", "flink_version", "job_endpoint"}:
        yield AddedOption("flink_job_server_jar", str(jar), "the jar that 'make jars' made")
        yield AddedOption("flink_version", _FLINK_VERSION, "the version of that job server")
    for package in _OPENED_PACKAGES:
        argument = f"--add-opens=java.base/{package}=ALL-UNNAMED"
        yield AddedOption("job_server_jvm_properties", argument, "Flink uses internal classes of Java")


def _worker_options(given: set[str], *, local: bool) -> Iterator[AddedOption]:
    if "environment_type" in given:
        return
    if local:
        yield AddedOption("environment_type", "LOOPBACK", "this process is the Python worker")
    else:
        yield AddedOption(
            "environment_type", "EXTERNAL", "Python workers run in a pool beside each task manager"
        )
        yield AddedOption("environment_config", PYTHON_WORKERS, "the address of that pool")


_STREAMING = (
    AddedOption(
        "finish_bundle_before_checkpointing",
        "",
        "otherwise offsets of events between two steps are committed: a start without a savepoint loses these events",
    ),
    AddedOption(
        "experiments", "use_deprecated_read", "Beam's default read fails at Flink's second checkpoint"
    ),
    AddedOption(
        "checkpointing_interval",
        str(CHECKPOINT_MILLISECONDS),
        "milliseconds: without checkpoints, Flink commits no offsets and writes no messages",
    ),
)


def _kafka(job: JobSettings, *, local: bool) -> KafkaSettings:
    jar = jar_folder() / "expansion.jar"
    return replace(
        job.kafka,
        expansion_service=job.kafka.expansion_service or (str(jar) if jar.exists() else ""),
        java_worker=job.kafka.java_worker or (OWN_WORKER if local else JAVA_WORKERS),
        deprecated_read=True,
    )
