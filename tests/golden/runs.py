"""Golden values of whole runs: all messages, rows, entries and files.

The stages run one after another without a Beam runner, over a platform with fixed learners and keys.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apache_beam as beam
import orjson

from certbeam.certificates.certificate import IssuerSettings
from certbeam.io.keys.jwk_file import write_key_set
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.protocols import Message
from certbeam.issuing.record import Record
from certbeam.pipelines.assembly import certificate_stages
from certbeam.stages.messages import audit_messages, dead_letter_message, outcome_message
from certbeam.stages.worker import WorkerSettings
from certbeam.tests.golden.files import as_json, cases_of
from certbeam.tests.golden.inputs import FORMATS, KEY_SET_TEXTS, TEMPLATES_URL, VERIFY_URL, templates
from certbeam.tests.support import BASE_URL, Platform, put_port
from certbeam.transforms.check_issued import CheckIssued
from certbeam.transforms.emit_requests import EmitRequests
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.notify_learners import MakeNotices, notice_messages
from certbeam.transforms.parse_events import ParseEvents
from certbeam.transforms.stage import DEAD_LETTERS, OUTCOMES, Stage

SINKS = ("outcomes", "dead letters", "audit events", "notices", "generate events")
LEFT_BEHIND = ("registry rows", "status slots", "enrolments", "files")


@contextmanager
def _setting_up(stage: Stage) -> Iterator[Any]:
    fn = stage.make_fn()
    fn.setup()
    try:
        fn.start_bundle()
        yield fn
    finally:
        fn.teardown()


def _work(stage: Stage, elements: Sequence[Any]) -> dict[str | None, list[Any]]:
    """The outputs of a stage by tag; None is the main output."""
    results: dict[str | None, list[Any]] = {None: [], OUTCOMES: [], DEAD_LETTERS: []}
    with _setting_up(stage) as fn:
        made = [one for element in elements for one in fn.process(element, 0, None)]
        for one in [*made, *fn.finish_bundle()]:
            tag, value = (one.tag, one.value) if isinstance(one, beam.pvalue.TaggedOutput) else (None, one)
            results[tag].append(value.value)
    return results


def _message(message: Message) -> dict[str, Any]:
    return {"key": message[0].decode(), "value": as_json(message[1])}


def _run(pipeline: str, elements: Sequence[Any], settings: WorkerSettings) -> dict[str, list[Any]]:
    """The messages of a pipeline, by its sinks."""
    sinks: dict[str, list[Any]] = {sink: [] for sink in SINKS}
    for stage in _stages(pipeline, settings):
        results = _work(stage, elements)
        elements = results[None]
        for outcome in results[OUTCOMES]:
            sinks["outcomes"].append(_message(outcome_message(outcome)))
            sinks["audit events"] += map(_message, audit_messages(outcome, again=False))
        sinks["dead letters"] += [_message(dead_letter_message(one)) for one in results[DEAD_LETTERS]]
    if pipeline == "enrich":
        sinks["generate events"] = [_message(one) for one in elements]
    else:
        for made in _work(MakeNotices(settings), elements)[None]:
            sinks["notices"] += map(_message, notice_messages(made, max_message_bytes=MAX_MESSAGE_BYTES))
    return sinks


def _stages(pipeline: str, settings: WorkerSettings) -> list[Stage]:
    if pipeline == "generate":
        return [ParseEvents("generate", settings), CheckIssued(settings), *certificate_stages(settings)]
    first = [ParseEvents("issue", settings), IssueEnrich(settings)]
    return (
        [*first, EmitRequests(settings)] if pipeline == "enrich" else [*first, *certificate_stages(settings)]
    )


def _records(events: Sequence[Any]) -> list[Record]:
    values = [one.encode() if isinstance(one, str) else orjson.dumps(one) for one in events]
    return [Record(value, {"file": "events.jsonl", "line": line}) for line, value in enumerate(values, 1)]


@cache
def run_of(name: str) -> dict[str, Any]:
    """Messages, rows and files of a run, by kind."""
    given = cases_of("runs")[name]["input"]
    with TemporaryDirectory() as folder:
        platform = Platform(Path(folder)).load(given["platform"])
        keys, registry = platform.folder / "keys.json", f"sqlite:{platform.folder / 'registry.db'}"
        write_key_set(keys, KEY_SET_TEXTS[given["keys"]]())
        issuer = IssuerSettings(BASE_URL, VERIFY_URL, FORMATS, tuple(given["proofs"]))
        sinks: dict[str, list[Any]] = {sink: [] for sink in SINKS}
        with platform.worker(
            issuer=issuer,
            signer=str(keys),
            registry=registry,
            status_slots=registry,
            allow=(TEMPLATES_URL,),
            timezone=given["timezone"],
        ) as worker:
            put_port(worker, "templates", templates())
            for step in given["steps"]:
                for sink, messages in _run(
                    step["pipeline"], _records(step["events"]), worker.settings
                ).items():
                    sinks[sink] += messages
        return {**sinks, **_left_behind(platform)}


def _left_behind(platform: Platform) -> dict[str, Any]:
    if not (platform.folder / "registry.db").exists():
        return {}  # enrich only emits messages
    return {
        "registry rows": _rows(platform.folder / "registry.db", "SELECT * FROM cert_registry ORDER BY id"),
        "status slots": _rows(platform.folder / "registry.db", "SELECT * FROM status_slots ORDER BY id"),
        "enrolments": _rows(
            platform.database,
            "SELECT userid, issued_certificates FROM user_enrolments ORDER BY userid, batchid",
        ),
        "files": {
            str(file.relative_to(platform.storage)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(platform.storage.rglob("*"))
            if file.is_file()
        },
    }


def _rows(file: Path, query: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(query)]
    connection.close()
    for row in rows:
        if "data" in row:
            row["data"] = hashlib.sha256(row["data"].encode()).hexdigest()
        if row.get("issued_certificates"):
            row["issued_certificates"] = as_json(row["issued_certificates"].encode())
    return rows


def _part(part: str) -> Callable[[str], Any]:
    return lambda name: run_of(name)[part]


TOPICS: dict[str, Callable[[Any], Any]] = {
    f"run_{part.replace(' ', '_')}": _part(part) for part in (*SINKS, *LEFT_BEHIND)
}
