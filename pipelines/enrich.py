"""The ``enrich`` pipeline: issue events to generate events, a drop-in for the first of the reference's two jobs."""

import apache_beam as beam

from certbeam.pipelines.settings import JobSettings
from certbeam.pipelines.wiring import apply_stage, read_events, write_messages
from certbeam.transforms.emit_requests import EmitRequests
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.parse_events import ParseEvents


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add the job's transforms to a Beam pipeline."""
    asked = apply_stage(job, read_events(pipeline, job), ParseEvents("issue", job.worker))
    requested = apply_stage(job, asked, IssueEnrich(job.worker))
    messages = apply_stage(job, requested, EmitRequests(job.worker))
    _ = messages | "Write generate events" >> write_messages(job, "requests_output")


if __name__ == "__main__":
    import sys

    from certbeam.pipelines.cli import main

    main(["enrich", *sys.argv[1:]], prog_name="certbeam")
