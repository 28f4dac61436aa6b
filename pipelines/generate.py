"""The ``generate`` pipeline: generate events to recorded certificates.

It replaces Sunbird's collection-certificate-generator.
"""

import apache_beam as beam

from certbeam.pipelines.assembly import Assembly, certificate_stages, notify
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.check_issued import CheckIssued
from certbeam.transforms.parse_events import ParseEvents
from certbeam.transforms.stage import Stage


def stages(worker: WorkerSettings) -> list[Stage]:
    """Return the stages, in order."""
    return [ParseEvents("generate", worker), CheckIssued(worker), *certificate_stages(worker)]


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add the job's transforms to a Beam pipeline."""
    assembly = Assembly(pipeline, job)
    notify(assembly, assembly.apply_stages(assembly.read_events(), stages(job.worker)))
    assembly.write()


if __name__ == "__main__":
    # The command line imports this module, so only the program of this name imports the command line.
    import sys

    from certbeam.pipelines.cli.main import main

    main(["generate", *sys.argv[1:]], prog_name="certbeam")
