"""The garbage collector is tuned in worker processes of Beam, and not in a host program."""

import json
import subprocess
import sys

import pytest

HOST = """
import gc, json, os, sys
from pathlib import Path
import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from certbeam.tests.support import Platform
from certbeam.stages.worker import acquire, release

class Settings(beam.DoFn):
    def __init__(self, settings):
        self._settings = settings

    def setup(self):
        acquire(self._settings)

    def process(self, element):
        yield json.dumps([os.getpid(), gc.get_threshold()[0], gc.get_freeze_count() > 0])

    def teardown(self):
        release(self._settings)

folder, *flags = sys.argv[1:]
before = gc.get_threshold()[0], gc.get_freeze_count()
platform = Platform(Path(folder))
with beam.Pipeline(options=PipelineOptions(flags)) as pipeline:
    lines = pipeline | beam.Create([1]) | beam.ParDo(Settings(platform.settings()))
    _ = lines | beam.io.WriteToText(folder + "/worker", shard_name_template="")
assert (gc.get_threshold()[0], gc.get_freeze_count()) == before
print(json.dumps([os.getpid(), gc.get_threshold()[0], gc.get_freeze_count() > 0]))
"""


def in_host_and_worker(folder, *flags):
    """Return process id, threshold and whether objects are frozen, in a host program and in its worker."""
    command = [sys.executable, "-c", HOST, str(folder), *flags]
    host = json.loads(subprocess.check_output(command, text=True))  # noqa: S603
    return host, json.loads((folder / "worker").read_text())


@pytest.mark.parametrize("mode", ["in_memory", "multi_threading"])
def test_a_host_program_that_runs_stages_keeps_its_settings(tmp_path, mode):
    host, worker = in_host_and_worker(tmp_path, f"--direct_running_mode={mode}")
    assert worker == host == [host[0], 700, False]


def test_a_worker_process_of_beam_is_tuned_and_its_host_program_is_not(tmp_path):
    host, worker = in_host_and_worker(
        tmp_path, "--direct_running_mode=multi_processing", "--direct_num_workers=1"
    )
    assert host[1:] == [700, False]
    assert worker[1:] == [10_000, True]
    assert worker[0] != host[0]
