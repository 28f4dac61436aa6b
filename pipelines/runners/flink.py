"""What Beam's Flink runner needs beyond its own defaults, filled in where the user did not say it."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from apache_beam.options.pipeline_options import FlinkRunnerOptions, PipelineOptions, StandardOptions

import certbeam
from certbeam.io.events.kafka_topics import OWN_WORKER, KafkaSettings
from certbeam.pipelines.assembly import count_chains
from certbeam.pipelines.catalogue import stages_of
from certbeam.pipelines.config.job_settings import JobSettings

PYTHON_WORKERS = "localhost:50000"
JAVA_WORKERS = "localhost:50001"
"""Where a task manager finds its pools of workers when nothing else is said: beside it, as in our manifests."""

CHECKPOINT_MILLISECONDS = 5000
"""How often a streaming job is checkpointed; also how long a message for Kafka waits. docs/flink.md says why."""

BUNDLE_MILLISECONDS = 1000
"""How long an event waits at most, in all boxes together, for others that are worked on with it."""

# The version that `make jars` takes; with another job server, the user says which.
_FLINK_VERSION = "1.19"
_LOCAL = ("[local]", "[auto]")
_LOCAL_FLINK = Path(__file__).with_name("flink_local")
_OPENED = ("java.lang", "java.nio", "java.util")


class Filled(NamedTuple):
    """A flag that the user did not give, and why it is needed; one that takes no value has an empty one."""

    flag: str
    value: str
    why: str

    @property
    def argument(self) -> str:
        """The flag as an argument."""
        return f"--{self.flag}={self.value}" if self.value else f"--{self.flag}"


def jar_folder() -> Path:
    """Where jars of our own are looked for: CERTBEAM_JARS, or where ``make jars`` puts them."""
    return Path(os.environ.get("CERTBEAM_JARS") or Path(certbeam.__file__).parent / "build" / "services")


def fill_in(arguments: Sequence[str], job: JobSettings) -> tuple[list[Filled], JobSettings]:
    """The flags that a job on Flink lacks, and its settings completed; nothing for other runners.

    Args:
        arguments: those for Beam, as the user gave them; what they name is left alone.
        job: whose input says whether it streams.
    """
    options = PipelineOptions(list(arguments))
    if options.view_as(StandardOptions).runner != "FlinkRunner":
        return [], job
    local = options.view_as(FlinkRunnerOptions).flink_master in _LOCAL
    given = {argument.lstrip("-").partition("=")[0] for argument in arguments if argument.startswith("--")}
    name = Filled("job_name", f"certbeam-{job.pipeline}", "what Flink's page calls the job")
    flags = [name, *_java_flags(given), *_worker_flags(given, local=local)]
    if local and "FLINK_CONF_DIR" not in os.environ:
        flags.append(
            Filled("flink_conf_dir", str(_LOCAL_FLINK), "Flink's own ports are for this machine only")
        )
    if job.streaming:
        flags += [*_STREAMING, *_bundle_flags(job, options, local=local)]
    # Experiments add up; of everything else the user's word is the only one.
    missing = [one for one in flags if one.flag == "experiments" or one.flag not in given]
    return missing, replace(job, kafka=_kafka(job, local=local), break_fusion=True)


def _bundle_flags(job: JobSettings, options: PipelineOptions, *, local: bool) -> Iterator[Filled]:
    """Each box finishes with its bundle in each slot before it takes in more, so bundles bound what is in flight."""
    # What Beam takes where nothing is said.
    slots = options.view_as(FlinkRunnerOptions).parallelism
    if slots < 1:
        slots = (os.cpu_count() or 1) if local else 1
    apart = count_chains(job, stages_of(job))
    size = max(1, job.max_inflight // (slots * apart))
    why = f"--max_inflight={job.max_inflight}, shared by {apart} boxes in {slots} slots"
    yield Filled("max_bundle_size", str(size), why)
    why = f"a second, shared by {apart} boxes"
    yield Filled("max_bundle_time_mills", str(BUNDLE_MILLISECONDS // apart), why)


def _java_flags(given: set[str]) -> Iterator[Filled]:
    jar = jar_folder() / "flink.jar"
    if jar.exists() and not given & {"flink_job_server_jar", "flink_version", "job_endpoint"}:
        yield Filled("flink_job_server_jar", str(jar), "the one that 'make jars' made")
        yield Filled("flink_version", _FLINK_VERSION, "the version of that job server")
    for package in _OPENED:
        opened = f"--add-opens=java.base/{package}=ALL-UNNAMED"
        yield Filled("job_server_jvm_properties", opened, "Flink looks into Java's own classes")


def _worker_flags(given: set[str], *, local: bool) -> Iterator[Filled]:
    if "environment_type" in given:
        return
    if local:
        yield Filled("environment_type", "LOOPBACK", "this process is the Python worker")
    else:
        yield Filled("environment_type", "EXTERNAL", "Python workers run beside each task manager")
        yield Filled("environment_config", PYTHON_WORKERS, "and are found there")


_STREAMING = (
    Filled(
        "finish_bundle_before_checkpointing",
        "",
        "else offsets are committed of events that wait between two steps, and a start without a savepoint loses them",
    ),
    Filled(
        "experiments", "use_deprecated_read", "the newer way of reading fails at Flink's second checkpoint"
    ),
    Filled(
        "checkpointing_interval",
        str(CHECKPOINT_MILLISECONDS),
        "milliseconds; without checkpoints Flink commits no offsets and writes no messages",
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
