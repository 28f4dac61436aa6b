"""The ``issue`` pipeline: issue events to recorded certificates, the whole way in one job."""

import apache_beam as beam

from certbeam.pipelines.settings import JobSettings
from certbeam.pipelines.wiring import apply_stage, make_certificates, read_events
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.parse_events import ParseEvents


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add the job's transforms to a Beam pipeline."""
    asked = apply_stage(job, read_events(pipeline, job), ParseEvents("issue", job.worker))
    requested = apply_stage(job, asked, IssueEnrich(job.worker))
    make_certificates(job, requested)


if __name__ == "__main__":
    import sys

    from certbeam.pipelines.cli import main

    main(["issue", *sys.argv[1:]], prog_name="certbeam")
