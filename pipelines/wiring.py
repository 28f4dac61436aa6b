"""What the three pipelines share: reading events, applying stages, making certificates, writing messages."""

from collections import defaultdict
from typing import Any

import apache_beam as beam

from certbeam.io.adapters import event_sink, event_source
from certbeam.pipelines.settings import JobSettings
from certbeam.transforms.announce import Announce
from certbeam.transforms.claim_status import ClaimStatus
from certbeam.transforms.generate_cert import GenerateCert
from certbeam.transforms.notify_learners import MakeNotices, SendNotices, WriteNotices
from certbeam.transforms.record_enrolment import RecordEnrolment
from certbeam.transforms.register_certificate import RegisterCertificate
from certbeam.transforms.report import Report
from certbeam.transforms.sign_assertions import SignAssertions
from certbeam.transforms.stage import StageOutputs
from certbeam.transforms.store_certificate import StoreCertificate

_WRITES = {
    "outcomes": "Write outcomes",
    "dead_letters": "Write dead letters",
    "audit": "Write audit events",
    "requests_output": "Write generate events",
    "notify": "Write notices",
}
"""What the runner's page says of each sink, by its flag."""


class Assembly:
    """A pipeline that is being put together.

    What is to be written is collected until :meth:`write`, for each sink takes all its messages at once:
    a topic with one producer for every stage would have many, each of which is made when the job is submitted.
    """

    def __init__(self, pipeline: beam.Pipeline, job: JobSettings) -> None:
        self.job = job
        self._pipeline = pipeline
        self._messages: dict[str, dict[str, Any]] = defaultdict(dict)

    def read_events(self) -> Any:
        """The job's messages, as records."""
        return self._pipeline | "Read events" >> event_source(self.job.input, self.job.kafka)

    def apply_stage(self, elements: Any, transform: beam.PTransform) -> Any:
        """Apply a stage under its own name and report what ends there; what goes on is returned."""
        name = type(transform).__name__
        outputs: StageOutputs = elements | name >> transform
        for flag, messages in (outputs | f"Report on {name}" >> Report()).items():
            self.send(flag, name, messages)
        return outputs.onward

    def send(self, flag: str, stage: str, messages: Any) -> None:
        """Have a stage's messages written to the sink of a flag."""
        self._messages[flag][stage] = messages

    def write(self) -> None:
        """Write all messages: the last step of the putting together."""
        for flag, messages in self._messages.items():
            sink = event_sink(flag, self.job.sinks[flag], self.job.kafka)
            _ = messages | _WRITES[flag] >> sink


def make_certificates(assembly: Assembly, requested: Any) -> None:
    """From requests to announced certificates.

    Storage first, registry next, enrolment last: a crash anywhere leaves only what a replay overwrites.
    """
    worker = assembly.job.worker
    if worker.keys:
        requested = assembly.apply_stage(requested, ClaimStatus(worker))
    if worker.assertion_signer:
        requested = assembly.apply_stage(requested, SignAssertions(worker))
    certificates = assembly.apply_stage(requested, GenerateCert(worker))
    stored = assembly.apply_stage(certificates, StoreCertificate(worker))
    registered = assembly.apply_stage(stored, RegisterCertificate(worker))
    recorded = assembly.apply_stage(registered, RecordEnrolment(worker))
    assembly.send("audit", "RecordEnrolment", recorded | "Announce" >> Announce())
    notify_learners(assembly, recorded)


def notify_learners(assembly: Assembly, recorded: Any) -> None:
    """Tell learners of their certificates where the job says how."""
    worker = assembly.job.worker
    if "notify" in assembly.job.sinks:
        notices = (recorded | "MakeNotices" >> MakeNotices(worker)).onward
        assembly.send("notify", "MakeNotices", notices | "Write notices out" >> WriteNotices())
    elif worker.notify:
        notices = (recorded | "MakeNotices" >> MakeNotices(worker)).onward
        _ = notices | "SendNotices" >> SendNotices(worker)
