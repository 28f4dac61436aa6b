"""Beam's own time: a pipeline with as many stages as ``issue`` and the same lines, whose stages do nothing.

    python -m certbeam.bench.identity [--frame] FLAGS OF certbeam issue

Each event becomes an outcome line and an audit line, written as ``issue`` writes them. Without ``--frame``, a stage is
a plain DoFn. With it, a stage has certbeam's stage class, which collects batches, counts, and keeps windows and times.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import orjson
from apache_beam.pvalue import TaggedOutput

from certbeam.io.events.json_lines import prepare_sink
from certbeam.io.port import ISSUE
from certbeam.io.port_table import AUDIT, TEMPLATES
from certbeam.io.port_table import OUTCOMES as OUTCOMES_SINK
from certbeam.io.protocols import Message
from certbeam.issuing.claim import Claim
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.issuing.record import Record
from certbeam.pipelines.assembly import Assembly
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import JobSettings, job_settings
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.stages.garbage_collection import tune_garbage_collection
from certbeam.transforms.report import Report
from certbeam.transforms.stage import DEAD_LETTERS, OUTCOMES, StageFn, StageOutputs

STAGES = (
    *("ParseEvents", "IssueEnrich", "ClaimStatus", "GenerateCert"),
    *("StoreCertificate", "RegisterCertificate", "RecordEnrolment"),
)


def outcome(record: Record) -> Outcome:
    """Return an outcome of the length of a real one."""
    claim = Claim(
        "issue", {}, record.source, "LP.1773500000000", "batch-00000", "do_00000", "user-0000000", "tpl"
    )
    identifier = "00000000-0000-5000-8000-000000000000"
    return Outcome(claim, "issued", ReasonCode.ISSUED, "certificate Certificate of Completion", identifier)


class BareFn(beam.DoFn):
    """A stage that outputs its elements unchanged. The last stage also outputs their outcomes."""

    def __init__(self, *, last: bool) -> None:
        self._last = last

    def process(self, record: Record) -> Iterator[Any]:
        """Output an element, and its outcome in the last stage."""
        if self._last:
            yield TaggedOutput(OUTCOMES, outcome(record))
        yield record


class FramedFn(StageFn[Record]):
    """The same with certbeam's stage class."""

    stage = "Identity"

    def __init__(self, job: JobSettings, *, last: bool) -> None:
        super().__init__(job.worker)
        self._last = last

    def process_elements(self, elements: Sequence[Record]) -> Iterator[tuple[int, Any]]:
        """Output the elements of a batch, and their outcomes in the last stage."""
        for position, record in enumerate(elements):
            if self._last:
                yield position, outcome(record)
            yield position, record


def build(pipeline: beam.Pipeline, job: JobSettings, *, framed: bool) -> None:
    """Add the transforms to a Beam pipeline, like :func:`certbeam.pipelines.issue.build`."""
    assembly = Assembly(pipeline, job)
    elements = assembly.read_events()
    for stage in STAGES:
        last = stage == STAGES[-1]
        stage_fn = FramedFn(job, last=last) if framed else BareFn(last=last)
        step = beam.ParDo(stage_fn).with_outputs(OUTCOMES, DEAD_LETTERS, main="main")
        outputs = elements | stage >> step
        elements = outputs.main
        reported = StageOutputs(elements, outputs[OUTCOMES], outputs[DEAD_LETTERS])
        for flag, messages in (reported | f"Report on {stage}" >> Report(stage, job.worker)).items():
            assembly.send(flag, stage, messages)
    audit = elements | "Announce" >> beam.Map(audit_message).with_output_types(tuple[bytes, bytes])
    assembly.send(AUDIT.flag, STAGES[-1], audit)
    assembly.write()


def audit_message(record: Record) -> Message:
    """Return the event, which is about as long as its audit event."""
    return b"", record.value


def main(arguments: Sequence[str]) -> None:
    """Run the pipeline, and print the number of outcome lines."""
    tune_garbage_collection()
    flags = dict(argument.removeprefix("--").partition("=")[::2] for argument in arguments)
    framed = flags.pop("frame", None) is not None
    flags.pop("json", None)
    given = {**flags, TEMPLATES.flag: tuple(filter(None, [flags.get(TEMPLATES.flag)]))}
    job = job_settings(ISSUE, complete(ISSUE, given, {}))
    for flag, address in job.sinks.items():
        prepare_sink(flag, address)
    pipeline = beam.Pipeline(options=beam_options([], known=[]))
    build(pipeline, job, framed=framed)
    result = pipeline.run()
    result.wait_until_finish()
    lines = sum(
        file.read_bytes().count(b"\n") for file in Path(job.sinks[OUTCOMES_SINK.flag]).glob("*.jsonl")
    )
    print(orjson.dumps({"outcomes": {"issued": lines}, "bytesStored": 0}).decode())  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
