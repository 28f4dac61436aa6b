"""Builders for tests of all layers: events, records, rows, templates, ports, and a small platform."""

import re
from collections import Counter
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timezone
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import apache_beam as beam
import orjson
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline

from certbeam.certificates.certificate import IssuerSettings, RegistryEntry
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.learning.load import load_records
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.port_table import SERVICES
from certbeam.issuing.certificate_request import parse_certificate_request
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.issuing.record import Record
from certbeam.stages.event_parsing import parse_generate_claims, parse_issue_claims
from certbeam.stages.worker import (
    EnrichmentSettings,
    MakingSettings,
    TemplateSettings,
    Worker,
    WorkerSettings,
    acquire,
    release,
)
from certbeam.transforms.stage import StageOutputs, run_stage

T = TypeVar("T")

PORT_NAMES = {port.name for port in SERVICES}
COURSE, BATCH, TEMPLATE = "do_1", "batch-1", "tpl-1"
ETS = 1_775_017_800_123
MID = "LP.1775017800123.0001"
SOURCE = {"file": "events.jsonl", "line": 7}
BASE_URL = "https://certs.example.org/certs"
COMPLETED_ON = "2026-03-31T20:15:30Z"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><text x="10" y="20">{}</text></svg>'
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)


def utc(year, month, day, hour=0, minute=0, second=0, microsecond=0):
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=timezone.utc)


def present(value: T | None) -> T:
    """Return a value that must not be None."""
    assert value is not None
    return value


def opener(open_one):
    """Yield a function that opens ports, and close the ports at the end. A fixture yields from this generator."""
    opened = []

    def opening(*arguments):
        opened.append(open_one(*arguments))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()


class Clock:
    """A clock that shows the same time until a test changes ``now``, in seconds."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Recorder:
    """A function that records the positional arguments of each call, and then calls another function."""

    def __init__(self, function):
        self._function = function
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *arguments, **options):
        self.calls.append(arguments)
        return self._function(*arguments, **options)


def as_record(value):
    return Record(value if isinstance(value, bytes) else orjson.dumps(value), SOURCE)


def without(document, path):
    """Return a copy of a JSON object without the member at a dotted path; numbers are positions in lists."""
    copy = deepcopy(document)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = copy
    for part in parents:
        place = place[part]
    del place[last]
    return copy


def with_value(document, path, value):
    """Return a copy of a JSON object with another value at a dotted path."""
    copy = deepcopy(document)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = copy
    for part in parents:
        place = place[part]
    place[last] = value
    return copy


# Events ------------------------------------------------------------------------------------------------------


def issue_event(*users, mid=MID, ets=ETS, **edata):
    """Return an issue event in the spelling of deployments."""
    return {
        "eid": "BE_JOB_REQUEST",
        "ets": ets,
        "mid": mid,
        "actor": {"id": "Course Certificate Generator", "type": "System"},
        "edata": {
            "action": "issue-certificate",
            "iteration": 1,
            "batchId": BATCH,
            "courseId": COURSE,
            "userIds": list(users) or ["u-1"],
            "reIssue": False,
            **edata,
        },
    }


def generate_event(*recipients, **edata):
    """Return a generate event as another producer writes it."""
    return {
        "eid": "BE_JOB_REQUEST",
        "ets": ETS,
        "mid": "LMS.0001",
        "edata": {
            "templateId": TEMPLATE,
            "svgTemplate": "plain.svg",
            "courseName": "Soil & Water",
            "issuedDate": "2026-03-31",
            "data": [
                {"recipientName": f"Learner {user}", "recipientId": user} for user in recipients or ("u-1",)
            ],
            "name": "Certificate of Completion",
            "tag": BATCH,
            "issuer": {"name": "Aranya Academy", "url": "https://aranya.example.org", "publicKey": ["k1"]},
            "orgId": "org-1",
            "signatoryList": [
                {"name": "Meera", "id": "SIG-1", "designation": "Director", "image": PIXEL},
            ],
            "criteria": {"narrative": "course completion"},
            "basePath": BASE_URL,
            "related": {"courseId": COURSE, "batchId": BATCH, "type": "course-completion"},
            "oldId": "",
            **edata,
        },
    }


def requests_of(event):
    """The checked request of each recipient of a generate event."""
    return [parse_certificate_request(claim) for claim in parse_generate_event(as_record(event))]


def issued(user="u-1"):
    """Return the outcome of a certificate that has just been issued."""
    request = certificate(user)
    return Outcome(request.claim, "issued", ReasonCode.ISSUED, "Why.", request.certificate_id, request.ets)


def certificate(user="u-1", **edata):
    """Return the checked request for one learner's certificate."""
    return requests_of(generate_event(user, **edata))[0]


def claims_of(*events):
    """The claims that ParseEvents makes of issue events."""
    return [one for event in events for one in parse_issue_claims(as_record(event))]


def requested(*events):
    """The claims that ParseEvents makes of generate events."""
    return [one for event in events for one in parse_generate_claims(as_record(event))]


def registry_entry(identifier, created_at=ETS, recipient='{"id":"u-1"}'):
    return RegistryEntry(
        id=identifier,
        access_code="A1B2C3",
        created_at=created_at,
        data='{"id":"x"}',
        json_url=f"{BASE_URL}/{BATCH}/{identifier}.json",
        pdf_url=None,
        recipient=recipient,
        related="{}",
    )


# Rows of the learning platform -------------------------------------------------------------------------------


def template_row(identifier=TEMPLATE, **fields):
    """Return a template as it is stored in ``course_batch.cert_templates``."""
    return {
        "identifier": identifier,
        "name": f"Certificate {identifier}",
        "url": "plain.svg",
        "criteria": {"enrollment": {"status": 2}},
        "issuer": {"name": "Aranya Academy", "url": "https://aranya.example.org"},
        "signatoryList": [{"name": "Meera", "id": "SIG-1", "designation": "Director", "image": PIXEL}],
        **fields,
    }


def batch_row(*templates, batch=BATCH, course=COURSE):
    """Return a batch with the given templates, or with one default template."""
    rows = templates or (template_row(),)
    return {
        "courseid": course,
        "batchid": batch,
        "cert_templates": {row["identifier"]: row for row in rows},
    }


def enrolment_row(user="u-1", batch=BATCH, **columns):
    """Return the enrolment of a learner who has completed the course."""
    return {
        "userid": user,
        "courseid": COURSE,
        "batchid": batch,
        "active": True,
        "status": 2,
        "completedon": COMPLETED_ON,
        **columns,
    }


def scores_row(user="u-1", batch=BATCH, **columns):
    return {
        "activity_type": "Course",
        "activity_id": COURSE,
        "user_id": user,
        "context_id": f"cb:{batch}",
        **columns,
    }


def user_row(user="u-1", **fields):
    return {"id": user, "firstName": "Asha", "lastName": user, "rootOrgId": "org-1", **fields}


def course_row(identifier=COURSE, **fields):
    return {"identifier": identifier, "name": "Soil & Water", "contentType": "Course", **fields}


def small_platform(*users, templates=(), **enrolment):
    """Return tables for learners who have all earned the certificates of the batch."""
    learners = users or ("u-1",)
    return {
        "course_batch": [batch_row(*templates)],
        "user_enrolments": [enrolment_row(user, **enrolment) for user in learners],
        "users": [user_row(user) for user in learners],
        "courses": [course_row(), course_row("do_quiz", contentType="SelfAssess")],
    }


@dataclass(frozen=True)
class Platform:
    """A learning platform, a registry, a storage folder and templates below one folder."""

    folder: Path

    @property
    def database(self):
        return self.folder / "lms.db"

    @property
    def storage(self):
        return self.folder / "certs"

    @property
    def large_messages(self):
        return self.folder / "large_messages"

    def load(self, tables):
        source = self.folder / "lms.json"
        source.write_bytes(orjson.dumps(tables))
        load_records(source, self.database)
        return self

    def add_template(self, name, text="${recipientName}"):
        path = self.folder / "templates" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(SVG.format(text))
        return path

    def settings(self, **changes):
        """Return settings of a worker that runs every stage.

        Changes name a port (its new address), or a field of any of the settings.
        """
        database = f"sqlite:{self.database}"
        addresses = {
            "learning": database,
            "users": database,
            "courses": database,
            "storage": str(self.storage),
            "registry": f"sqlite:{self.folder / 'registry.db'}",
            "large_messages": str(self.large_messages),
        }
        addresses |= {name: changes.pop(name) for name in PORT_NAMES & changes.keys()}
        settings = WorkerSettings(
            addresses=tuple(addresses.items()),
            templates=TemplateSettings((str(self.folder / "templates"),)),
            batch_size=100,
            max_message_bytes=MAX_MESSAGE_BYTES,
            enrichment=EnrichmentSettings(BASE_URL, ("SelfAssess",), "UTC"),
            making=MakingSettings(
                IssuerSettings(BASE_URL, "{base_url}/{tag}/{id}", ("json", "svg")),
                access_code_key="",
                template_cache_bytes=1_000_000,
                template_seconds=300,
            ),
        )
        unused = dict(changes)
        settings = _changed(settings, unused)
        assert not unused, f"no setting is called {', '.join(unused)}"
        return settings

    @contextmanager
    def worker(self, **changes):
        """Provide the worker that all pipelines with these settings share in this process."""
        settings = self.settings(**changes)
        worker = acquire(settings)
        try:
            yield worker
        finally:
            release(settings)


def _changed(settings, changes):
    """Return a copy of nested settings with changed fields. The changes that were made are removed from ``changes``."""
    nested = {
        field.name: _changed(getattr(settings, field.name), changes)
        for field in fields(settings)
        if field.name not in changes and is_dataclass(getattr(settings, field.name))
    }
    own = {field.name: changes.pop(field.name) for field in fields(settings) if field.name in changes}
    return replace(settings, **nested, **own)


# Ports watched and broken ------------------------------------------------------------------------------------


class Watched:
    """A real port that records the calls of its methods. A method can be replaced by a function."""

    def __init__(self, port, log=None, **instead):
        self._port = port
        self._instead = instead
        self.calls = [] if log is None else log

    def __getattr__(self, name):
        method = getattr(self._port, name)
        instead = self._instead.get(name)

        def call(*arguments):
            self.calls.append((name, *arguments))
            return instead(method, *arguments) if instead else method(*arguments)

        return call if callable(method) else method


def put_port(worker: Worker, name, port):
    """Replace one of the ports of a worker, and return the new port."""
    worker._ports[name] = port
    return port


def watch(worker, name, log=None, **instead):
    """Record the calls of one of the ports of a worker."""
    return put_port(worker, name, Watched(getattr(worker, name), log, **instead))


def is_down(_method, *_arguments):
    raise Unavailable(ErrorCode.DATABASE_UNAVAILABLE, "the service does not answer")


# A web server ------------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    site: "Site"


class _Handler(SimpleHTTPRequestHandler):
    """Serves files with ETags, or the answers that a test prepared."""

    server: _Server

    def do_GET(self):
        site = self.server.site
        site.asked.append(self.path)
        prepared = site.answers.get(self.path)
        if prepared:
            return self._answer(*(prepared.pop(0) if len(prepared) > 1 else prepared[0]))
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self._answer(404, {}, b"")
        etag = f'"{path.stat().st_mtime_ns}"'
        if self.headers.get("If-None-Match") == etag:
            return self._answer(304, {}, b"")
        return self._answer(200, {"ETag": etag}, path.read_bytes())

    def _answer(self, status, headers, body):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


class Site:
    """An HTTP server of this process.

    Attributes:
        asked: the paths of the requests.
        answers: the answers (status, headers, body) by path. They are returned in turn; the last one is repeated.
    """

    def __init__(self, folder):
        self.asked = []
        self.answers = {}
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self._server.site = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def secure(self, context):
        """Use TLS for all further connections."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def serving(folder):
    """Return a web server of the files below a folder."""
    return Site(folder)


# Results of stages -------------------------------------------------------------------------------------------


def counters(result):
    """Return the committed values of certbeam's counters over all steps, without the counters of latency."""
    values: Counter[str] = Counter()
    for one in result.metrics().query()["counters"]:
        namespace = one.key.metric.namespace
        if namespace.startswith("certbeam") and namespace != "certbeam_latency":
            values[one.key.metric.name] += one.committed
    return dict(values)


def run_to_lists(elements, transform, stage_fn=None):
    """Run one stage on a runner; return its outputs as lists in :class:`StageOutputs`, and the counters."""
    kept = StageOutputs([], [], [])
    pipeline = Pipeline()
    # In memory, as the tests ask for objects; a file in between would only hide their types.
    created = pipeline | beam.Create(elements, reshuffle=False)
    outputs = run_stage("Stage", created, stage_fn) if stage_fn else created | transform
    for name, collection in outputs._asdict().items():
        _KEPT[id(kept), name] = getattr(kept, name)
        _ = collection | f"Keep {name}" >> beam.ParDo(_Keep((id(kept), name)))
    result = pipeline.run()
    result.wait_until_finish()
    for name in kept._fields:
        del _KEPT[id(kept), name]
    return kept, counters(result)


_KEPT: dict[tuple[int, str], list[Any]] = {}


class _Keep(beam.DoFn):
    """Appends elements to a list in this process."""

    def __init__(self, key):
        self._key = key

    def process(self, element):
        _KEPT[self._key].append(element)


def lines_of(folder):
    """Return the JSON lines that a sink wrote."""
    return [
        orjson.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


def whole(text):
    """Return a pattern that matches only this text."""
    return f"^{re.escape(text)}$"
