"""What one certificate takes on its way, stage by stage and step by step: python -m certbeam.bench.steps.

The stages' own functions work on batches of 100, outside Beam. Times are those of the processor; where a stage waits
(for the disk), its time on the wall is larger, and stands beside.
"""

import itertools
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson

from certbeam.artwork.qr.qr_code import QrCode, make_qr
from certbeam.artwork.template import FilledTemplate
from certbeam.badges.baking import bake_svg
from certbeam.bench.make_input import Shape
from certbeam.bench.runs import Case, Place
from certbeam.bench.spread import Spread, print_steps, spread, step_micros
from certbeam.certificates.template_values import build_template_values, is_image_variable
from certbeam.io.events.json_lines import find_chunks, read_lines
from certbeam.issuing.certificate_request import CertificateRequest, parse_certificate_request
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.learning_records import BatchKey, EnrolmentKey
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.record import Record
from certbeam.stages.enrichment import enrich
from certbeam.stages.event_parsing import issue_claims
from certbeam.stages.failure import Failure
from certbeam.stages.garbage_collection import tune_garbage_collection
from certbeam.stages.worker import Worker, WorkerSettings, acquire, release
from certbeam.transforms.claim_status import ClaimStatus
from certbeam.transforms.generate_cert import GenerateCert
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.parse_events import ParseEvents
from certbeam.transforms.record_enrolment import RecordEnrolment
from certbeam.transforms.register_certificate import RegisterCertificate
from certbeam.transforms.stage import Stage
from certbeam.transforms.store_certificate import StoreCertificate

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


@dataclass(frozen=True)
class Passage:
    """A batch's way through one stage: what the stage was given, and what one element took, in microseconds."""

    stage: str
    given: list[Any]
    cpu: float
    wall: float


def passages(chain: Sequence[Stage], batches: Iterable[list[Any]]) -> Iterator[Passage]:
    """Send batches of events through stages, one batch after another; nothing is kept of those that are through.

    What comes out of the last stage is given to a stage called "", which takes no time.
    """
    with ExitStack() as ending:
        stage_fns = []
        for stage in chain:
            stage_fn = stage.make_fn()
            stage_fn.setup()
            ending.callback(stage_fn.teardown)
            stage_fns.append((type(stage).__name__, stage_fn))
        for batch in batches:
            elements = batch
            for name, stage_fn in stage_fns:
                results, cpu, wall = _timed(stage_fn.process_elements, elements)
                yield Passage(name, elements, cpu, wall)
                elements = [one for _, one in results if _goes_on(one)]
            yield Passage("", elements, 0, 0)


def measure_stages(chain: Sequence[Stage], batches: Iterable[list[Any]]) -> list[StageCost]:
    """The cost of each stage of a chain. The first batch is not counted: in it, what is made once is made."""
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in passages(chain, batches):
        times[one.stage].append((one.cpu, one.wall))
    return [
        StageCost(stage, spread([cpu for cpu, _ in each[1:]]), spread([wall for _, wall in each[1:]]))
        for stage, each in times.items()
        if stage
    ]


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


def measure_steps(worker: Worker, given: Mapping[str, Batches]) -> dict[str, Spread]:
    """Microseconds of the steps inside of stages for one certificate.

    Args:
        worker: of the process.
        given: the batches that the stages before GenerateCert were given, by stage, and under "" what came of them.
    """
    steps = {
        **_reading_steps(worker, given["ParseEvents"], given["IssueEnrich"], given["ClaimStatus"]),
        **_making_steps(worker, given[""]),
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
            parse_certificate_request(one.claim, one.payload) for one in requested[number]
        ],
    }


def _making_steps(worker: Worker, requested: Batches) -> dict[str, Step]:
    """From the request to the signed files; each step takes what those before it made."""
    issuer = worker.credential_issuer
    assert issuer is not None  # noqa: S101
    requests = [[one.request for one in batch] for batch in requested]
    template = worker.templates.template(requests[0][0].template_url)
    settings = worker.making.issuer
    values: dict[int, list[dict[str, str]]] = {}
    codes: dict[int, list[QrCode]] = {}
    filled: dict[int, list[FilledTemplate]] = {}
    credentials: dict[int, list[bytes]] = {}

    def gathered(request: CertificateRequest) -> dict[str, str]:
        texts = build_template_values(request, template.required_variables)
        pictures = {
            name: worker.templates.image(url)
            for name, url in texts.items()
            if url and is_image_variable(name)
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

    def sign(number: int) -> None:
        credentials[number] = [issuer.sign_credential(one.request, one.slot) for one in requested[number]]

    def bake(number: int) -> None:
        for one, credential in zip(filled[number], credentials[number], strict=True):
            bake_svg(one.svg_parts, credential)

    return {
        "gather the template's values": gather,
        "make the QR code": encode,
        "fill the template: shape and place texts": fill,
        "the SVG": lambda number: [one.svg_parts for one in filled[number]],
        "the SVG as data URI": lambda number: [one.data_uri_parts for one in filled[number]],
        "sign the credential": sign,
        "make and sign the assertion": lambda number: [
            orjson.dumps(issuer.sign_assertion(one.request, one.slot)) for one in requested[number]
        ],
        "bake the SVG": bake,
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
            costs = measure_stages(chain, batches[:half])
            given = defaultdict(list)
            for one in passages(chain[:3], batches[half:]):
                given[one.stage].append(one.given)
            return {"stages": costs, "steps": measure_steps(worker, given)}
        finally:
            release(settings)


def _batches(events: Path) -> Iterator[list[Record]]:
    records = (record for chunk in find_chunks(str(events)) for record in read_lines(chunk))
    while batch := list(itertools.islice(records, BATCH)):
        yield batch


def main() -> None:
    """Measure and print."""
    tune_garbage_collection()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Place(Path(folder)))
    print_steps("Stages, processor", {one.stage: one.cpu for one in measured["stages"]})
    print_steps("Stages, wall", {one.stage: one.wall for one in measured["stages"]})
    print_steps("Steps inside of them", measured["steps"])


if __name__ == "__main__":
    main()
