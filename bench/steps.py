"""What one certificate takes on its way, stage by stage and step by step: python -m certbeam.bench.steps.

The stages' own functions work on batches of 100, outside Beam. Times are those of the processor; where a stage waits
(for the disk), its time on the wall is larger, and stands beside.
"""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson

from certbeam.bench.make_input import Shape
from certbeam.bench.runs import Case, Place
from certbeam.bench.spread import Spread, print_steps, spread, step_micros
from certbeam.credentials.baking import bake_svg
from certbeam.credentials.claims import DeadLetter, Outcome, Record
from certbeam.credentials.learning import BatchKey, EnrolmentKey
from certbeam.credentials.qr import QrCode, make_qr
from certbeam.credentials.requests import CertificateRequest, certificate_request
from certbeam.credentials.template import FilledTemplate
from certbeam.credentials.template_values import is_image, template_values
from certbeam.io.events.jsonl import find_chunks, read_lines
from certbeam.transforms.claim_status import ClaimStatus
from certbeam.transforms.generate_cert import GenerateCert
from certbeam.transforms.issue_enrich import IssueEnrich, enrich
from certbeam.transforms.parse_events import ParseEvents, issue_claims
from certbeam.transforms.record_enrolment import RecordEnrolment
from certbeam.transforms.register_certificate import RegisterCertificate
from certbeam.transforms.stage import Failure, Stage
from certbeam.transforms.store_certificate import StoreCertificate
from certbeam.transforms.worker import Worker, WorkerSettings, acquire, release

BATCH = 100
ROUNDS = 10


@dataclass(frozen=True)
class StageCost:
    """What a stage takes for one certificate, in microseconds."""

    stage: str
    cpu: Spread
    wall: Spread


def stages(settings: WorkerSettings) -> list[Stage]:
    """The stages of ``issue``, in order."""
    later = (
        *(IssueEnrich, ClaimStatus, GenerateCert),
        *(StoreCertificate, RegisterCertificate, RecordEnrolment),
    )
    return [ParseEvents("issue", settings), *(stage(settings) for stage in later)]


def measure_stages(
    chain: Sequence[Stage], batches: Sequence[list[Any]]
) -> tuple[list[StageCost], dict[str, list[list[Any]]]]:
    """The cost of each stage of a chain over batches of events; and the batches that each was given.

    The first batch is not counted: in it, what is made once is made. What comes after the last stage stands
    under ``""``.
    """
    costs, given = [], {}
    elements = list(batches)
    for stage in chain:
        name = type(stage).__name__
        given[name] = elements
        stage_fn = stage.make_fn()
        stage_fn.setup()
        try:
            timed = [_timed(stage_fn.work, batch) for batch in elements]
        finally:
            stage_fn.teardown()
        cpu = spread([one[1] for one in timed[1:]])
        wall = spread([one[2] for one in timed[1:]])
        costs.append(StageCost(name, cpu, wall))
        elements = [[one for _, one in results if _goes_on(one)] for results, _, _ in timed]
    given[""] = elements
    return costs, given


def _timed(
    work: Callable[[Sequence[Any]], Any], batch: list[Any]
) -> tuple[list[tuple[int, Any]], float, float]:
    """What a stage made of a batch, and the microseconds of processor and wall for one element."""
    wall, cpu = time.perf_counter(), time.thread_time()
    results = list(work(batch))
    cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
    return results, cpu / len(batch) * 1e6, wall / len(batch) * 1e6


def _goes_on(result: Any) -> bool:
    if isinstance(result, Failure | DeadLetter):
        raise RuntimeError(f"the input is not what it should be: {result}")
    return not isinstance(result, Outcome)


Batches = list[list[Any]]
Step = Callable[[int], object]
"""Works on the batch of its number. No batch is worked on twice, for much is remembered of the last certificates."""


def measure_steps(worker: Worker, given: Mapping[str, Batches], made: Batches) -> dict[str, Spread]:
    """Microseconds of the steps inside of stages for one certificate.

    Args:
        worker: of the process.
        given: what the stages up to GenerateCert were given, by stage.
        made: other batches, of certificates.
    """
    steps = {
        **_reading_steps(worker, given["ParseEvents"], given["IssueEnrich"], given["ClaimStatus"]),
        **_drawing_steps(worker, given[""]),
        **_signing_steps(worker, given[""], made),
    }
    return {name: step_micros(step, ROUNDS, each=BATCH) for name, step in steps.items()}


def _reading_steps(worker: Worker, records: Batches, asked: Batches, requested: Batches) -> dict[str, Step]:
    """From the event to the request."""
    found: dict[int, SimpleNamespace] = {}

    def look_up(number: int) -> None:
        claims = [one.claim for one in asked[number]]
        users = [one.user_id or "" for one in claims]
        found[number] = SimpleNamespace(
            templates=worker.learning.batch_templates(
                {BatchKey(one.course_id, one.batch_id) for one in claims}
            ),
            enrolments=worker.learning.enrolments(
                {EnrolmentKey(one.user_id or "", one.course_id, one.batch_id) for one in claims}
            ),
            users=worker.users.users(set(users)),
            courses=worker.courses.records({one.course_id for one in claims}),
        )

    def evaluate(number: int) -> None:
        remembered = found[number]
        answering = SimpleNamespace(
            settings=worker.settings,
            learning=SimpleNamespace(
                batch_templates=lambda _: remembered.templates,
                enrolments=lambda _: remembered.enrolments,
                scores=lambda _: {},
            ),
            users=SimpleNamespace(users=lambda _: remembered.users),
            courses=SimpleNamespace(records=lambda _: remembered.courses),
        )
        enrich(asked[number], cast("Worker", answering))

    return {
        "parse an event": lambda number: [issue_claims(record) for record in records[number]],
        "look-ups": look_up,
        "evaluate, and ask for the certificate": evaluate,
        "read the request": lambda number: [
            certificate_request(one.claim, one.payload) for one in requested[number]
        ],
    }


def _drawing_steps(worker: Worker, requested: Batches) -> dict[str, Step]:
    """From the request to the picture; each step takes what the one before it made."""
    requests = [[one.request for one in batch] for batch in requested]
    template = worker.templates.template(requests[0][0].template_url)
    settings = worker.settings.issuer
    values: dict[int, list[dict[str, str]]] = {}
    codes: dict[int, list[QrCode]] = {}
    filled: dict[int, list[FilledTemplate]] = {}

    def gathered(request: CertificateRequest) -> dict[str, str]:
        texts = template_values(request, template.variables)
        pictures = {
            name: worker.templates.image(url) for name, url in texts.items() if url and is_image(name)
        }
        return texts | pictures

    def gather(number: int) -> None:
        values[number] = [gathered(one) for one in requests[number]]

    def encode(number: int) -> None:
        codes[number] = [
            make_qr(
                settings.verify_url.format(base_url=settings.base_url, tag=one.tag, id=one.certificate_id),
                "A1B2C3",
            )
            for one in requests[number]
        ]

    def fill(number: int) -> None:
        filled[number] = [
            template.fill(one, code) for one, code in zip(values[number], codes[number], strict=True)
        ]

    return {
        "gather the template's values": gather,
        "make the QR code": encode,
        "fill the template: shape and place texts": fill,
        "the SVG": lambda number: [one.svg for one in filled[number]],
        "the SVG as data URI": lambda number: [one.data_uri for one in filled[number]],
    }


def _signing_steps(worker: Worker, requested: Batches, made: Batches) -> dict[str, Step]:
    """From the request to the signed files."""
    issuer = worker.credential_issuer
    assert issuer is not None  # noqa: S101
    bodies = [
        [{artefact.name.partition(".")[2]: artefact.body for artefact in one.artefacts} for one in batch]
        for batch in made
    ]
    return {
        "sign the credential": lambda number: [
            issuer.credential(one.request, one.slot) for one in requested[number]
        ],
        "make and sign the assertion": lambda number: [
            orjson.dumps(issuer.assertion(one.request, one.slot)) for one in requested[number]
        ],
        "bake the SVG": lambda number: [bake_svg(one["svg"], one["vc.json"]) for one in bodies[number]],
    }


def measure(place: Place) -> dict[str, Any]:
    """The cost of each stage, and of the steps inside of them."""
    half = ROUNDS + 1
    shape = Shape(BATCH * half * 2, batches=2)
    with place.installed(shape) as root:
        settings = place.job(Case("steps", shape), root).worker
        worker = acquire(settings)
        try:
            batches = list(_batches(place.input(shape) / "events.jsonl"))
            chain = stages(settings)
            costs, whole = measure_stages(chain, batches[:half])
            _, begun = measure_stages(chain[:3], batches[half:])
            return {"stages": costs, "steps": measure_steps(worker, begun, whole["StoreCertificate"])}
        finally:
            release(settings)


def _batches(events: Path) -> Iterator[list[Record]]:
    records = (record for chunk in find_chunks(str(events)) for record in read_lines(chunk))
    while batch := list(itertools.islice(records, BATCH)):
        yield batch


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Place(Path(folder)))
    print_steps("Stages, processor", {one.stage: one.cpu for one in measured["stages"]})
    print_steps("Stages, wall", {one.stage: one.wall for one in measured["stages"]})
    print_steps("Steps inside of them", measured["steps"])


if __name__ == "__main__":
    main()
