"""The three pipelines, wired from the same stages."""

from collections.abc import Callable
from typing import Any

import apache_beam as beam
from certbeam.io.adapters import event_sink, event_source
from certbeam.pipelines.flags import ENRICH, GENERATE, ISSUE
from certbeam.pipelines.settings import JobSettings
from certbeam.transforms.announce import Announce
from certbeam.transforms.check_issued import CheckIssued
from certbeam.transforms.emit_requests import EmitRequests
from certbeam.transforms.generate_cert import GenerateCert
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.parse_events import ParseEvents
from certbeam.transforms.record_enrolment import RecordEnrolment
from certbeam.transforms.register_certificate import RegisterCertificate
from certbeam.transforms.report import Report
from certbeam.transforms.stage import StageOutputs
from certbeam.transforms.store_certificate import StoreCertificate


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add a job's transforms to a Beam pipeline."""
    _BUILDERS[job.pipeline](pipeline, job)


def _issue(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Issue events to recorded certificates, the whole way."""
    asked = _stage(job, _events(pipeline, job), ParseEvents("issue", job.worker))
    requested = _stage(job, asked, IssueEnrich(job.worker))
    _make(job, requested)


def _enrich(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Issue events to generate events: the first of the reference's two jobs."""
    asked = _stage(job, _events(pipeline, job), ParseEvents("issue", job.worker))
    requested = _stage(job, asked, IssueEnrich(job.worker))
    messages = _stage(job, requested, EmitRequests(job.worker))
    _ = messages | "Write generate events" >> event_sink("requests_output", job.sinks["requests_output"])


def _generate(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Generate events to recorded certificates: the second of the reference's two jobs."""
    requested = _stage(job, _events(pipeline, job), ParseEvents("generate", job.worker))
    needed = _stage(job, requested, CheckIssued(job.worker))
    _make(job, needed)


def _make(job: JobSettings, requested: Any) -> None:
    """Storage first, registry next, enrolment last: a crash anywhere leaves only what a replay overwrites."""
    certificates = _stage(job, requested, GenerateCert(job.worker))
    stored = _stage(job, certificates, StoreCertificate(job.worker))
    registered = _stage(job, stored, RegisterCertificate(job.worker))
    recorded = _stage(job, registered, RecordEnrolment(job.worker))
    _ = recorded | "Announce" >> Announce(event_sink("audit", job.sinks["audit"]))


def _events(pipeline: beam.Pipeline, job: JobSettings) -> Any:
    return pipeline | "Read events" >> event_source(job.input)


def _stage(job: JobSettings, elements: Any, transform: beam.PTransform) -> Any:
    """Apply a stage under its own name and report what ends there; what goes on is returned."""
    name = type(transform).__name__
    outputs: StageOutputs = elements | name >> transform
    report = Report(
        event_sink("outcomes", job.sinks["outcomes"]), event_sink("dead_letters", job.sinks["dead_letters"])
    )
    _ = outputs | f"Report on {name}" >> report
    return outputs.onward


_BUILDERS: dict[str, Callable[[beam.Pipeline, JobSettings], None]] = {
    ISSUE: _issue,
    ENRICH: _enrich,
    GENERATE: _generate,
}
