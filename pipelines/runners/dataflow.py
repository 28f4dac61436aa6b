"""What a job needs to run on Dataflow: refused before it is made where its workers could never do it."""

from collections.abc import Sequence
from typing import Any

from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
    WorkerOptions,
)

from certbeam.io.port import Port
from certbeam.io.port_table import INPUT, SERVICES, SINKS, TEMPLATES
from certbeam.io.uri.address import FlagError, parse_address
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.pipelines.runners.flink import Filled

RUNNER = "DataflowRunner"


def fill_in(arguments: Sequence[str], job: JobSettings) -> list[Filled]:
    """The flags that a job on Dataflow lacks; none for other runners.

    Raises:
        FlagError: for what only this machine has, and for workers that would have no certbeam.
    """
    options = PipelineOptions(list(arguments))
    if options.view_as(StandardOptions).runner != RUNNER:
        return []
    _check_addresses(job)
    _check_workers(options)
    if options.view_as(GoogleCloudOptions).job_name:
        return []
    return [Filled("job_name", f"certbeam-{job.pipeline}", "what Dataflow's page calls the job")]


def template_location(options: PipelineOptions) -> str:
    """Where the job is written instead of being run; "" where it is run."""
    return options.view_as(GoogleCloudOptions).template_location or ""


def _check_addresses(job: JobSettings) -> None:
    worker = job.worker
    named: list[tuple[Port[Any], str]] = [
        (INPUT, job.input),
        *((TEMPLATES, prefix) for prefix in worker.templates.allow),
        *((port, worker.address(port)) for port in SERVICES if worker.has(port)),
        *((port, job.sinks[port.flag]) for port in SINKS if port.flag in job.sinks),
    ]
    for port, text in named:
        if not port.adapter_of(text).on_dataflow:
            raise parse_address(port.flag, text).refuse(
                "it is on this machine, and Dataflow's workers are elsewhere"
            )


def _check_workers(options: PipelineOptions) -> None:
    setup = options.view_as(SetupOptions)
    installed = (
        options.view_as(WorkerOptions).sdk_container_image,
        setup.setup_file,
        setup.extra_packages,
    )
    if not any(installed):
        raise FlagError(
            "sdk_container_image", "", "Beam's own image has no certbeam: give one that has, for its workers"
        )
