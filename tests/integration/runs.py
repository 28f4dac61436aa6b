"""Runs of the pipelines from flags, as the command line starts them."""

import json
from pathlib import Path
from typing import Any

from certbeam.io.events.json_lines import prepare_sink
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import check_ports, job_settings
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.pipelines.runners.run import Summary, run_pipeline

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(pipeline: str, flags: dict[str, str]) -> Summary:
    settings = job_settings(pipeline, complete(pipeline, flags, {}))
    check_ports(settings)
    for flag, address in settings.sinks.items():
        prepare_sink(flag, address)
    return run_pipeline(settings, beam_options([], known=[]), progress=False)


def folders(root: Path, *names: str) -> dict[str, str]:
    """Return flags of sinks that are folders below ``root``."""
    return {name: str(root / name) for name in names}


def lines(folder: str) -> list[dict[str, Any]]:
    """Return the messages in the folder of a sink."""
    files = sorted(Path(folder).glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
