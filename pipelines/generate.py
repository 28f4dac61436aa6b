"""The ``generate`` pipeline: generate events to recorded certificates, a drop-in for the second reference job."""

import apache_beam as beam

from certbeam.pipelines.settings import JobSettings
from certbeam.pipelines.wiring import Assembly, make_certificates
from certbeam.transforms.check_issued import CheckIssued
from certbeam.transforms.parse_events import ParseEvents


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add the job's transforms to a Beam pipeline."""
    assembly = Assembly(pipeline, job)
    requested = assembly.apply_stage(assembly.read_events(), ParseEvents("generate", job.worker))
    needed = assembly.apply_stage(requested, CheckIssued(job.worker))
    make_certificates(assembly, needed)
    assembly.write()


if __name__ == "__main__":
    import sys

    from certbeam.pipelines.cli import main

    main(["generate", *sys.argv[1:]], prog_name="certbeam")
