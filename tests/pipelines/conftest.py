"""Runs of the pipelines over the input of the demo, in a temporary folder."""

import hashlib
import json
import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from certbeam.io.events.json_lines import prepare_sink
from certbeam.io.learning.load import load_records
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import check_ports, job_settings
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.pipelines.runners.run import Summary, run_pipeline

_OF_A_CERTIFICATE = re.compile(r"(?!issuers/|keys/)[^/]+/[0-9a-f-]{36}(\..+)?")

EXAMPLES = Path(__file__).parents[2] / "examples"


class Installation:
    """An installation with embedded adapters in one folder: records, registry, storage, and the sinks of its runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        load_records(EXAMPLES / "lms.json", root / "lms.db")

    def flags(self, pipeline: str, **more: Any) -> dict[str, Any]:
        """Return the flags of a run in this folder; each pipeline has its own sinks."""
        return {
            "input": str(EXAMPLES / f"{'generate' if pipeline == 'generate' else 'issue'}-events.jsonl"),
            "lms": f"sqlite:{self.root / 'lms.db'}",
            "registry": f"sqlite:{self.root / 'registry.db'}",
            "storage": str(self.root / "certs"),
            "requests_output": str(self.root / "requests"),
            **{sink: str(self.root / sink / pipeline) for sink in ("outcomes", "dead_letters", "audit")},
            **more,
        }

    def run(self, pipeline: str, **more: Any) -> Summary:
        settings = job_settings(pipeline, complete(pipeline, self.flags(pipeline, **more), {}))
        check_ports(settings)
        for flag, address in settings.sinks.items():
            prepare_sink(flag, address)
        return run_pipeline(settings, beam_options([], known=[]), progress=False)

    def lines(self, sink: str, pipeline: str = "issue") -> list[dict]:
        """Return the lines of one sink of one pipeline."""
        files = sorted((self.root / sink / pipeline).glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]

    def verdicts(self, pipeline: str = "issue") -> Counter:
        return Counter(line["outcome"] for line in self.lines("outcomes", pipeline))

    def stored(self) -> dict[str, str]:
        """Return a digest of each file of the storage folder by name, also of hidden files."""
        root = self.root / "certs"
        files = (path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def files_of_certificates(self) -> list[str]:
        """Return the names of stored files, without the documents that certificates share."""
        return [name for name in self.stored() if _OF_A_CERTIFICATE.fullmatch(name)]

    def rows(self, query: str, database: str = "registry") -> list[tuple]:
        connection = sqlite3.connect(self.root / f"{database}.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def state(self) -> tuple:
        """Return stored files, registry and enrolments: all results of a run except its reports."""
        return (
            self.stored(),
            self.rows("SELECT * FROM cert_registry ORDER BY id"),
            self.rows(
                "SELECT userid, batchid, issued_certificates FROM user_enrolments ORDER BY 1, 2", "lms"
            ),
        )


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)
