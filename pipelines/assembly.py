"""What the three pipelines share: reading events, applying stages, making certificates, writing messages."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import apache_beam as beam

from certbeam.io.events.kafka_topics import WriteTopic
from certbeam.io.port_table import ASSERTION_SIGNER, INPUT, NOTICES, SIGNER, SINKS
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.announce import Announce
from certbeam.transforms.check_issued import CheckIssued
from certbeam.transforms.claim_status import ClaimStatus
from certbeam.transforms.generate_cert import GenerateCert
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.notify_learners import MakeNotices, SendNotices, WriteNotices
from certbeam.transforms.record_enrolment import RecordEnrolment
from certbeam.transforms.register_certificate import RegisterCertificate
from certbeam.transforms.report import Report
from certbeam.transforms.sign_assertions import SignAssertions
from certbeam.transforms.stage import Stage, StageOutputs
from certbeam.transforms.store_certificate import StoreCertificate

_WRITES = {
    "outcomes": "Write outcomes",
    "dead_letters": "Write dead letters",
    "audit": "Write audit events",
    "requests_output": "Write generate events",
    "notify": "Write notices",
}
"""Labels of the sinks in the runner's web UI, by flag."""

_SINKS = {port.flag: port for port in SINKS}

_BEGIN_A_BOX = (GenerateCert, RegisterCertificate)
"""Stages that are kept apart from the one before, so that finding, making and recording show how busy each of them is.

No more of them: whatever goes on to another box goes through the runner, which takes a quarter of what all stages take
together. And never StoreCertificate: what it is given are whole files, hundreds of kilobytes an element.
"""

_TELLS_WHAT_IS_HELD = (IssueEnrich, CheckIssued)
"""Stages before which a learner may have been given the certificate by the same event, read before."""


class _Reporting(beam.PTransform):
    """A stage and its report, as one."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def expand(self, elements: Any) -> Any:
        """From a stage's input to its outputs, and to messages by the flags of their sinks."""
        outputs: StageOutputs = elements | self._stage
        return outputs, outputs | "Report" >> Report(name_of(self._stage), self._stage.settings)


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
        return self._pipeline | "Read events" >> INPUT.open(
            self.job.input, self.job.kafka, self.job.break_fusion
        )

    def apply_stages(self, elements: Any, stages: Sequence[Stage]) -> Any:
        """Apply stages, one after the other; what the last one hands on is returned."""
        for stage in stages:
            if isinstance(stage, _BEGIN_A_BOX):
                elements = self.hand_on(elements, name_of(stage))
            elements = self._apply_stage(elements, stage)
        return elements

    def hand_on(self, elements: Any, to: str) -> Any:
        """The same elements, for what is a box of its own where the job's are kept apart."""
        return elements | f"Hand on to {to}" >> beam.Reshuffle() if self.job.break_fusion else elements

    def send(self, flag: str, stage: str, messages: Any) -> None:
        """Have a stage's messages written to the sink of a flag."""
        self._messages[flag][stage] = messages

    def write(self) -> None:
        """Write all messages: the last step of the putting together."""
        for flag, messages in self._messages.items():
            sink = _SINKS[flag].open(self.job.sinks[flag], self.job.kafka)
            if isinstance(sink, WriteTopic):
                # One box for all stages; lines are appended to files where they are made.
                messages = {
                    stage: self.hand_on(theirs, f"{_within(_WRITES[flag])} of {stage}")
                    for stage, theirs in messages.items()
                }
            _ = messages | _WRITES[flag] >> sink

    def _apply_stage(self, elements: Any, stage: Stage) -> Any:
        """Apply a stage and report what ends there; what goes on is returned."""
        outputs, reported = elements | label_of(stage) >> _Reporting(stage)
        for flag, messages in reported.items():
            self.send(flag, name_of(stage), messages)
        self._announce(stage, outputs.outcomes)
        return outputs.onward

    def _announce(self, stage: Stage, outcomes: Any) -> None:
        """Have audit events made of a stage's outcomes where there may be some."""
        again = self.job.streaming
        if isinstance(stage, RecordEnrolment):
            label = "Announce: make audit events"
        elif again and "audit" in self.job.sinks and isinstance(stage, _TELLS_WHAT_IS_HELD):
            label = "AnnounceAgain: make audit events of what is read again"
        else:
            return
        self.send("audit", name_of(stage), outcomes | label >> Announce(again=again))


def name_of(stage: Stage) -> str:
    """What dead letters, metrics and logs call a stage."""
    return type(stage).__name__


def label_of(stage: Stage) -> str:
    """What the runner's page calls a stage: which it is, and what is done there.

    Flink's page shows the outermost names only, and of a box's text 300 characters.
    """
    return f"{name_of(stage)}: {_within(stage.step)}"


def _within(sentence: str) -> str:
    """A sentence as it stands inside of another."""
    return sentence[0].lower() + sentence[1:]


def boxes(job: JobSettings, stages: Sequence[Stage]) -> int:
    """In how many boxes a job's stages are where they are kept apart."""
    return 1 + sum(isinstance(stage, _BEGIN_A_BOX) for stage in stages) + _notifies(job)


def certificate_stages(worker: WorkerSettings) -> list[Stage]:
    """From requests to recorded certificates.

    Storage first, registry next, enrolment last: a crash anywhere leaves only what a replay overwrites.
    """
    return [
        *([ClaimStatus(worker)] if worker.has(SIGNER) else ()),
        *([SignAssertions(worker)] if worker.has(ASSERTION_SIGNER) else ()),
        GenerateCert(worker),
        StoreCertificate(worker),
        RegisterCertificate(worker),
        RecordEnrolment(worker),
    ]


def notify(assembly: Assembly, recorded: Any) -> None:
    """Tell learners of recorded certificates, where the job says how."""
    worker = assembly.job.worker
    if not _notifies(assembly.job):
        return
    make, send = MakeNotices(worker), SendNotices(worker)
    notices = (assembly.hand_on(recorded, name_of(make)) | label_of(make) >> make).onward
    if worker.has(NOTICES):
        _ = notices | label_of(send) >> send
    else:
        assembly.send(
            "notify",
            name_of(make),
            notices | "Make messages of notices" >> WriteNotices(worker.max_message_bytes),
        )


def _notifies(job: JobSettings) -> bool:
    return job.worker.has(NOTICES) or "notify" in job.sinks
