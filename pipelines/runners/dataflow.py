"""Checks and options of a job on Dataflow, before it is submitted."""

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
from certbeam.pipelines.runners.added_option import AddedOption

RUNNER = "DataflowRunner"


def add_options(arguments: Sequence[str], job: JobSettings) -> list[AddedOption]:
    """Return the options that a job on Dataflow needs and that the user did not give; none for other runners.

    Raises:
        FlagError: if the workers cannot reach an address, or certbeam is not installed on them.
    """
    options = PipelineOptions(list(arguments))
    if options.view_as(StandardOptions).runner != RUNNER:
        return []
    _check_addresses(job)
    _check_workers(options)
    if options.view_as(GoogleCloudOptions).job_name:
        return []
    return [AddedOption("job_name", f"certbeam-{job.pipeline}", "the job's name in Dataflow's web UI")]


def template_location(options: PipelineOptions) -> str:
    """Return the location that Beam writes the job to instead of running it; an empty string if it runs."""
    return options.view_as(GoogleCloudOptions).template_location or ""


def _check_addresses(job: JobSettings) -> None:
    worker = job.worker
    addresses: list[tuple[Port[Any], str]] = [
        (INPUT, job.input),
        *((TEMPLATES, prefix) for prefix in worker.templates.allow),
        *((port, worker.address(port)) for port in SERVICES if worker.has(port)),
        *((port, job.sinks[port.flag]) for port in SINKS if port.flag in job.sinks),
    ]
    for port, text in addresses:
        if not port.adapter_of(text).on_dataflow:
            raise parse_address(port.flag, text).refuse(
                "Dataflow's workers cannot reach this machine: give an address of a service"
            )


def _check_workers(options: PipelineOptions) -> None:
    setup = options.view_as(SetupOptions)
    installed = (
        options.view_as(WorkerOptions).sdk_container_image,
        setup.setup_file,
        setup.extra_packages,
    )
    if not any(installed):
        reason = "Beam's own image has no certbeam: give an image for the workers that has certbeam"
        raise FlagError("sdk_container_image", "", reason)
