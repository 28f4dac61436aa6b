"""The ``issue`` pipeline: issue events to recorded certificates, the whole way in one job."""

import apache_beam as beam

from certbeam.pipelines.settings import JobSettings
from certbeam.pipelines.wiring import Assembly, make_certificates
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.parse_events import ParseEvents


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add the job's transforms to a Beam pipeline."""
    assembly = Assembly(pipeline, job)
    asked = assembly.apply_stage(assembly.read_events(), ParseEvents("issue", job.worker))
    requested = assembly.apply_stage(asked, IssueEnrich(job.worker))
    make_certificates(assembly, requested)
    assembly.write()


if __name__ == "__main__":
    import sys

    from certbeam.pipelines.cli import main

    main(["issue", *sys.argv[1:]], prog_name="certbeam")
