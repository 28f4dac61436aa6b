"""Time of a certificate in each stage, and in the steps of stages: python -m certbeam.bench.steps.

The functions of the stages process batches of 100, without Beam. Times are processor time. Elapsed time is also
measured: it is longer if a stage waits, such as for the disk.
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
from certbeam.issuing.certificate_request import CertificateRequest, build_certificate_request
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.learning_records import BatchKey, EnrolmentKey
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.record import Record
from certbeam.stages.enrichment import enrich
from certbeam.stages.event_parsing import parse_issue_claims
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
    """Time of a stage for a certificate, in microseconds."""

    stage: str
    cpu: Spread
    wall: Spread


def stages(settings: WorkerSettings) -> list[Stage]:
    """Return the stages of ``issue``, in order."""
    later = (
        *(IssueEnrich, ClaimStatus, GenerateCert),
        *(StoreCertificate, RegisterCertificate, RecordEnrolment),
    )
    return [ParseEvents("issue", settings), *(stage(settings) for stage in later)]


@dataclass(frozen=True)
class StageRun:
    """Run of a stage over a batch.

    Attributes:
        stage: the name of the stage.
        elements: the batch.
        cpu: processor time for an element, in microseconds.
        wall: elapsed time for an element, in microseconds.
    """

    stage: str
    elements: list[Any]
    cpu: float
    wall: float


def run_stages(chain: Sequence[Stage], batches: Iterable[list[Any]]) -> Iterator[StageRun]:
    """Process batches of events with stages, one batch after the other.

    The outputs of the last stage are the elements of a run of a stage named "", which takes no time.
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
                yield StageRun(name, elements, cpu, wall)
                elements = [result for _, result in results if _is_output(result)]
            yield StageRun("", elements, 0, 0)


def measure_stages(chain: Sequence[Stage], batches: Iterable[list[Any]]) -> list[StageCost]:
    """Measure each stage, without the first batch, which includes work that is done only once."""
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for run in run_stages(chain, batches):
        times[run.stage].append((run.cpu, run.wall))
    return [
        StageCost(stage, spread([cpu for cpu, _ in each[1:]]), spread([wall for _, wall in each[1:]]))
        for stage, each in times.items()
        if stage
    ]


def _timed(
    work: Callable[[Sequence[Any]], Any], batch: list[Any]
) -> tuple[list[tuple[int, Any]], float, float]:
    """Process a batch, and return the results, and the microseconds of processor and elapsed time for an element."""
    wall, cpu = time.perf_counter(), time.thread_time()
    results = list(work(batch))
    cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
    return results, cpu / len(batch) * 1e6, wall / len(batch) * 1e6


def _is_output(result: Any) -> bool:
    """Return True if a result continues to the next stage."""
    _check_success(result)
    return not isinstance(result, Outcome)


def _check_success(result: Any) -> None:
    if isinstance(result, Failure | DeadLetter):
        raise RuntimeError(f"an element failed: {result}")


Batches = list[list[Any]]
Step = Callable[[int], object]
"""Processes the batch of a number. No batch is processed twice, because caches have values of earlier certificates."""


def measure_steps(worker: Worker, given: Mapping[str, Batches]) -> dict[str, Spread]:
    """Measure the microseconds of each step of stages for a certificate.

    Args:
        worker: the worker of the process.
        given: the batches of each stage before GenerateCert, and under "" the outputs of the last one.
    """
    steps = {
        **_reading_steps(worker, given["ParseEvents"], given["IssueEnrich"], given["ClaimStatus"]),
        **_making_steps(worker, given[""]),
    }
    return {name: step_micros(step, ROUNDS, each=BATCH) for name, step in steps.items()}


def _reading_steps(worker: Worker, records: Batches, claims: Batches, earned: Batches) -> dict[str, Step]:
    """Return the steps from the event to the certificate request."""
    looked_up: dict[int, SimpleNamespace] = {}

    def look_up(number: int) -> None:
        users = [claim.user_id or "" for claim in claims[number]]
        looked_up[number] = SimpleNamespace(
            templates=worker.learning.batch_templates(
                {BatchKey(claim.course_id, claim.batch_id) for claim in claims[number]}
            ),
            enrolments=worker.learning.enrolments(
                {
                    EnrolmentKey(claim.user_id or "", claim.course_id, claim.batch_id)
                    for claim in claims[number]
                }
            ),
            users=worker.users.users(set(users)),
            courses=worker.courses.records({claim.course_id for claim in claims[number]}),
        )

    def evaluate(number: int) -> None:
        answers = looked_up[number]
        recorded_worker = SimpleNamespace(
            settings=worker.settings,
            enrichment=worker.enrichment,
            learning=SimpleNamespace(
                batch_templates=lambda _: answers.templates,
                enrolments=lambda _: answers.enrolments,
                scores=lambda _: {},
            ),
            users=SimpleNamespace(users=lambda _: answers.users),
            courses=SimpleNamespace(records=lambda _: answers.courses),
        )
        for _, result in enrich(claims[number], cast("Worker", recorded_worker)):
            _check_success(result)

    return {
        "parse an event": lambda number: [parse_issue_claims(record) for record in records[number]],
        "look up records": look_up,
        "evaluate": evaluate,
        "build the certificate request": lambda number: [
            build_certificate_request(certificate) for certificate in earned[number]
        ],
    }


def _making_steps(worker: Worker, requested: Batches) -> dict[str, Step]:
    """Return the steps from the request to the signed files. Each step uses the results of the steps before."""
    issuer = worker.credential_issuer
    assert issuer is not None  # noqa: S101
    requests = [[element.request for element in batch] for batch in requested]
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
        values[number] = [gathered(request) for request in requests[number]]

    def encode(number: int) -> None:
        codes[number] = [
            make_qr(
                settings.verify_url.format(
                    base_url=settings.base_url, tag=request.tag, id=request.certificate_id
                ),
                "A1B2C3",
            )
            for request in requests[number]
        ]

    def fill(number: int) -> None:
        filled[number] = [
            template.fill(texts, code) for texts, code in zip(values[number], codes[number], strict=True)
        ]

    def sign(number: int) -> None:
        credentials[number] = [
            issuer.sign_credential(element.request, element.status_entry) for element in requested[number]
        ]

    def bake(number: int) -> None:
        for certificate, credential in zip(filled[number], credentials[number], strict=True):
            bake_svg(certificate.svg_parts, credential)

    return {
        "gather the template's values": gather,
        "make the QR code": encode,
        "fill the template: typeset the texts": fill,
        "join the SVG": lambda number: [certificate.svg_parts for certificate in filled[number]],
        "encode the SVG as a data URI": lambda number: [
            certificate.data_uri_parts for certificate in filled[number]
        ],
        "sign the credential": sign,
        "build and sign the assertion": lambda number: [
            orjson.dumps(issuer.sign_assertion(element.request, element.status_entry))
            for element in requested[number]
        ],
        "bake the SVG": bake,
    }


def measure(place: Place) -> dict[str, Any]:
    """Measure each stage, and the steps of stages."""
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
            for run in run_stages(chain[:3], batches[half:]):
                given[run.stage].append(run.elements)
            return {"stages": costs, "steps": measure_steps(worker, given)}
        finally:
            release(settings)


def _batches(events: Path) -> Iterator[list[Record]]:
    records = (record for chunk in find_chunks(str(events)) for record in read_lines(chunk))
    while batch := list(itertools.islice(records, BATCH)):
        yield batch


def main() -> None:
    """Measure, and print the results."""
    tune_garbage_collection()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Place(Path(folder)))
    print_steps("Stages, processor time", {cost.stage: cost.cpu for cost in measured["stages"]})
    print_steps("Stages, elapsed time", {cost.stage: cost.wall for cost in measured["stages"]})
    print_steps("Steps of the stages", measured["steps"])


if __name__ == "__main__":
    main()
