"""Assembly of a pipeline: read events, apply stages, write messages."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import apache_beam as beam

from certbeam.io.events.kafka_topics import WriteTopic
from certbeam.io.port_table import (
    ASSERTION_SIGNER,
    AUDIT,
    DEAD_LETTERS,
    INPUT,
    NOTICES,
    NOTICES_SINK,
    OUTCOMES,
    REQUESTS,
    SIGNER,
    SINKS,
)
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
    OUTCOMES.flag: "Write outcomes",
    DEAD_LETTERS.flag: "Write dead letters",
    AUDIT.flag: "Write audit events",
    REQUESTS.flag: "Write generate events",
    NOTICES_SINK.flag: "Write notices",
}
"""Labels of the sinks in the runner's web UI, by flag."""

_SINKS = {port.flag: port for port in SINKS}

_FUSION_BREAKS = (GenerateCert, RegisterCertificate)
"""Stages that begin an operator chain, so that the web UI shows the load of enriching, making and recording.

Elements between chains pass through the runner, which takes a quarter of the time of all stages. Never break fusion
before StoreCertificate: its elements are whole files of hundreds of kilobytes.
"""

_FIND_ISSUED = (IssueEnrich, CheckIssued)
"""Stages that find a certificate that the same event issued when it was read before."""


class _Reporting(beam.PTransform):
    """Apply a stage and its report."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def expand(self, elements: Any) -> Any:
        """Return the stage's outputs, and its messages by the flags of their sinks."""
        outputs: StageOutputs = elements | self._stage
        return outputs, outputs | "Report" >> Report(name_of(self._stage), self._stage.settings)


class Assembly:
    """Build a pipeline.

    Messages are collected until :meth:`write`, because each sink writes the messages of all stages. Otherwise a topic
    would have a producer for each stage, and each is created when the job is submitted.
    """

    def __init__(self, pipeline: beam.Pipeline, job: JobSettings) -> None:
        self.job = job
        self._pipeline = pipeline
        self._messages: dict[str, dict[str, Any]] = defaultdict(dict)

    def read_events(self) -> Any:
        """Read the job's input as records."""
        return self._pipeline | "Read events" >> INPUT.open(
            self.job.input, self.job.kafka, self.job.break_fusion
        )

    def apply_stages(self, elements: Any, stages: Sequence[Stage]) -> Any:
        """Apply stages one after the other, and return the main output of the last one."""
        for stage in stages:
            if isinstance(stage, _FUSION_BREAKS):
                elements = self.reshuffle(elements, name_of(stage))
            elements = self._apply_stage(elements, stage)
        return elements

    def reshuffle(self, elements: Any, to: str) -> Any:
        """Reshuffle elements, if the job breaks fusion, so that their consumer begins an operator chain."""
        return elements | f"Reshuffle to {to}" >> beam.Reshuffle() if self.job.break_fusion else elements

    def send(self, flag: str, stage: str, messages: Any) -> None:
        """Collect a stage's messages for the sink of a flag."""
        self._messages[flag][stage] = messages

    def write(self) -> None:
        """Write all collected messages. This is the last step of building a pipeline."""
        for flag, messages in self._messages.items():
            sink = _SINKS[flag].open(self.job.sinks[flag], self.job.kafka)
            if isinstance(sink, WriteTopic):
                # One operator chain for all stages. Lines of files are appended in the chain that makes them.
                messages = {
                    stage: self.reshuffle(of_stage, f"{_uncapitalize(_WRITES[flag])} of {stage}")
                    for stage, of_stage in messages.items()
                }
            _ = messages | _WRITES[flag] >> sink

    def _apply_stage(self, elements: Any, stage: Stage) -> Any:
        """Apply a stage, collect its messages, and return its main output."""
        outputs, reported = elements | label_of(stage) >> _Reporting(stage)
        for flag, messages in reported.items():
            self.send(flag, name_of(stage), messages)
        self._announce(stage, outputs.outcomes)
        return outputs.main

    def _announce(self, stage: Stage, outcomes: Any) -> None:
        """Build audit events from the outcomes of a stage that issues certificates or finds issued ones."""
        again = self.job.streaming
        if isinstance(stage, RecordEnrolment):
            label = "Announce: make audit events"
        elif again and AUDIT.flag in self.job.sinks and isinstance(stage, _FIND_ISSUED):
            label = "AnnounceAgain: make audit events of what is read again"
        else:
            return
        self.send(AUDIT.flag, name_of(stage), outcomes | label >> Announce(again=again))


def name_of(stage: Stage) -> str:
    """Return the name of a stage in dead letters, metrics and logs."""
    return type(stage).__name__


def label_of(stage: Stage) -> str:
    """Return the label of a stage in the runner's web UI: its name and what it does.

    Flink's web UI shows only outermost names, and 300 characters of an operator chain.
    """
    return f"{name_of(stage)}: {_uncapitalize(stage.step)}"


def _uncapitalize(sentence: str) -> str:
    """Return a sentence with its first letter in lower case, for use within another sentence."""
    return sentence[0].lower() + sentence[1:]


def count_chains(job: JobSettings, stages: Sequence[Stage]) -> int:
    """Return the number of operator chains of a job's stages, if fusion is broken."""
    return 1 + sum(isinstance(stage, _FUSION_BREAKS) for stage in stages) + _notifies(job)


def certificate_stages(worker: WorkerSettings) -> list[Stage]:
    """Return the stages from requests to recorded certificates.

    Storage is first, the registry next, the enrolment last: after a crash, a replay overwrites what is incomplete.
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
    """Notify learners of recorded certificates, if the job is configured to."""
    worker = assembly.job.worker
    if not _notifies(assembly.job):
        return
    make, send = MakeNotices(worker), SendNotices(worker)
    notices = (assembly.reshuffle(recorded, name_of(make)) | label_of(make) >> make).main
    if worker.has(NOTICES):
        _ = notices | label_of(send) >> send
    else:
        assembly.send(
            NOTICES_SINK.flag,
            name_of(make),
            notices | "Make messages of notices" >> WriteNotices(worker.max_message_bytes),
        )


def _notifies(job: JobSettings) -> bool:
    return job.worker.has(NOTICES) or NOTICES_SINK.flag in job.sinks
