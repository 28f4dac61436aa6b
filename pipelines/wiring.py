"""What the three pipelines share: reading events, applying and reporting on stages, making certificates."""

from typing import Any

import apache_beam as beam

from certbeam.io.adapters import event_sink, event_source
from certbeam.pipelines.settings import JobSettings
from certbeam.transforms.announce import Announce
from certbeam.transforms.claim_status import ClaimStatus
from certbeam.transforms.generate_cert import GenerateCert
from certbeam.transforms.notify_learners import MakeNotices, SendNotices, notice_messages
from certbeam.transforms.record_enrolment import RecordEnrolment
from certbeam.transforms.register_certificate import RegisterCertificate
from certbeam.transforms.report import Report
from certbeam.transforms.sign_assertions import SignAssertions
from certbeam.transforms.stage import StageOutputs
from certbeam.transforms.store_certificate import StoreCertificate


def read_events(pipeline: beam.Pipeline, job: JobSettings) -> Any:
    """The job's messages, as records."""
    return pipeline | "Read events" >> event_source(job.input, job.kafka)


def write_messages(job: JobSettings, flag: str) -> beam.PTransform:
    """The sink of one flag's messages."""
    return event_sink(flag, job.sinks[flag], job.kafka)


def apply_stage(job: JobSettings, elements: Any, transform: beam.PTransform) -> Any:
    """Apply a stage under its own name and report what ends there; what goes on is returned."""
    name = type(transform).__name__
    outputs: StageOutputs = elements | name >> transform
    report = Report(write_messages(job, "outcomes"), write_messages(job, "dead_letters"))
    _ = outputs | f"Report on {name}" >> report
    return outputs.onward


def make_certificates(job: JobSettings, requested: Any) -> None:
    """From requests to announced certificates.

    Storage first, registry next, enrolment last: a crash anywhere leaves only what a replay overwrites.
    """
    if job.worker.keys:
        requested = apply_stage(job, requested, ClaimStatus(job.worker))
    if job.worker.assertion_signer:
        requested = apply_stage(job, requested, SignAssertions(job.worker))
    certificates = apply_stage(job, requested, GenerateCert(job.worker))
    stored = apply_stage(job, certificates, StoreCertificate(job.worker))
    registered = apply_stage(job, stored, RegisterCertificate(job.worker))
    recorded = apply_stage(job, registered, RecordEnrolment(job.worker))
    _ = recorded | "Announce" >> Announce(write_messages(job, "audit"))
    notify_learners(job, recorded)


def notify_learners(job: JobSettings, recorded: Any) -> None:
    """Tell learners of their certificates where the job says how."""
    if "notify" in job.sinks:
        notices = (recorded | "MakeNotices" >> MakeNotices(job.worker)).onward
        messages = notices | "Write notices out" >> beam.FlatMap(notice_messages)
        _ = messages | "Write notices" >> write_messages(job, "notify")
    elif job.worker.notify:
        notices = (recorded | "MakeNotices" >> MakeNotices(job.worker)).onward
        _ = notices | "SendNotices" >> SendNotices(job.worker)
