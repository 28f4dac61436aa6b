"""The ``enrich`` pipeline: issue events to generate events.

It replaces Sunbird's collection-certificate-pre-processor.
"""

import apache_beam as beam

from certbeam.io.port_table import REQUESTS
from certbeam.pipelines.assembly import Assembly
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.emit_requests import EmitRequests
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.parse_events import ParseEvents
from certbeam.transforms.stage import Stage


def stages(worker: WorkerSettings) -> list[Stage]:
    """Return the stages, in order."""
    return [ParseEvents("issue", worker), IssueEnrich(worker), EmitRequests(worker)]


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add the job's transforms to a Beam pipeline."""
    assembly = Assembly(pipeline, job)
    messages = assembly.apply_stages(assembly.read_events(), stages(job.worker))
    assembly.send(REQUESTS.flag, "EmitRequests", messages)
    assembly.write()


if __name__ == "__main__":
    # The command line imports this module, so only the program of this name imports the command line.
    import sys

    from certbeam.pipelines.cli.main import main

    main(["enrich", *sys.argv[1:]], prog_name="certbeam")
