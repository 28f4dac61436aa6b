"""Time to sign a credential with certbeam and with openbadgeslib: python -m certbeam.bench.signing.

Each credential of certbeam is that of another learner, from request to JSON, with a status list entry. Its time
includes the claim of a status list index in SQLite, in batches of 100, as in a pipeline. openbadgeslib signs the same
documents, which have no proof yet. Its contexts are loaded before the measurement.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey
from openbadgeslib.ob3.ldp import add_data_integrity_proof

from certbeam.badges.data_integrity import JCS, RDFC
from certbeam.badges.did_web import verification_method_id
from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.key_set import parse_key_set, sign
from certbeam.badges.ob3_credential import build_credential
from certbeam.bench.make_input import learner_name
from certbeam.bench.runs import BASE_URL, bench_keys
from certbeam.bench.spread import Spread, print_steps, step_micros
from certbeam.io.status_lists.sqlite_status_lists import SqliteStatusLists
from certbeam.issuing.certificate_request import CertificateRequest, parse_certificate_request
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.record import Record
from certbeam.stages.status_lists import claim_slots

BATCH = 100
ROUNDS = 20
"""Number of batches that certbeam signs, and of credentials that openbadgeslib signs, which is slow."""

OPENBADGESLIB = f"openbadgeslib, {RDFC}"
CERTBEAM = f"certbeam, {RDFC}"


def requests(count: int) -> list[CertificateRequest]:
    """Return requests for learners of one batch."""
    edata = {
        "templateId": "tpl",
        "svgTemplate": "x.svg",
        "courseName": "Reading Foundations for the Early Grades",
        "issuedDate": "2026-03-31",
        "name": "Certificate of Completion",
        "tag": "batch-1",
        "expiry": "2y",
        "issuer": {"name": "Aranya Teachers’ Academy", "url": "https://aranya.example.org"},
        "signatoryList": [
            {"name": "Meera Vaidyanath", "id": "S1", "designation": "Director", "image": "m.svg"},
            {"name": "Tomás Quintaval", "id": "S2", "designation": "Head of Assessment", "image": "t.svg"},
        ],
        "criteria": {"narrative": "Certificate of Completion"},
        "related": {"courseId": "do_1", "batchId": "batch-1"},
        "data": [
            {"recipientName": learner_name(number), "recipientId": f"user-{number:07}"}
            for number in range(count)
        ],
    }
    record = Record(orjson.dumps({"ets": 1_775_017_800_000, "edata": edata}), {})
    return [parse_certificate_request(claim) for claim in parse_generate_event(record)]


def measure() -> dict[str, Spread]:
    """Measure the microseconds of a credential, by library and cryptosuites."""
    keys = parse_key_set(bench_keys())
    key = keys.public[0]
    private = keys.private[key.kid]
    library_key = Ed25519PrivateKey.from_private_bytes(bytes(cast("SigningKey", private)))
    all_requests = requests(BATCH * (ROUNDS + 1))
    batches = [all_requests[start : start + BATCH] for start in range(0, len(all_requests), BATCH)]

    def issuer(*suites: str) -> CredentialIssuer:
        return CredentialIssuer(BASE_URL, keys.public, lambda _, message: sign(private, message), suites)

    steps = {
        label: _time_batches(issuer(*suites), batches)
        for label, suites in (
            (CERTBEAM, (RDFC,)),
            (f"certbeam, {JCS}", (JCS,)),
            ("certbeam, both", (RDFC, JCS)),
        )
    }
    signer = issuer(RDFC)
    method = verification_method_id(signer.did, key)
    documents = [
        build_credential(request, signer.urls, issuer=signer.did, status_entry=None)
        for request in all_requests[: ROUNDS + 1]
    ]

    def sign_by_library(number: int) -> Any:
        return orjson.dumps(add_data_integrity_proof(documents[number], library_key, method))

    steps[OPENBADGESLIB] = step_micros(sign_by_library, ROUNDS)
    return steps


def _time_batches(signer: CredentialIssuer, batches: Sequence[Sequence[CertificateRequest]]) -> Spread:
    with tempfile.TemporaryDirectory() as folder:
        slots = SqliteStatusLists(Path(folder) / "slots.db")

        def sign(number: int) -> None:
            entries = claim_slots([request.certificate_id for request in batches[number]], slots)
            for request in batches[number]:
                signer.sign_credential(request, entries[request.certificate_id])

        try:
            return step_micros(sign, ROUNDS, each=BATCH)
        finally:
            slots.close()


def main() -> None:
    """Measure, and print the results."""
    steps = measure()
    print_steps("A signed credential", steps)
    times = steps[OPENBADGESLIB]["median"] / steps[CERTBEAM]["median"]
    print(f"{RDFC}: certbeam is {times:.1f} times as fast")  # noqa: T201


if __name__ == "__main__":
    main()
