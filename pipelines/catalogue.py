"""The pipelines by their names."""

from collections.abc import Mapping
from types import ModuleType

import apache_beam as beam

from certbeam.io.port import ENRICH, GENERATE, ISSUE
from certbeam.pipelines import enrich, generate, issue
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.transforms.stage import Stage

_PIPELINES: Mapping[str, ModuleType] = {ISSUE: issue, ENRICH: enrich, GENERATE: generate}


def build(pipeline: beam.Pipeline, job: JobSettings) -> None:
    """Add a job's transforms to a Beam pipeline."""
    _PIPELINES[job.pipeline].build(pipeline, job)


def stages_of(job: JobSettings) -> list[Stage]:
    """Return a job's stages, in order."""
    stages: list[Stage] = _PIPELINES[job.pipeline].stages(job.worker)
    return stages
