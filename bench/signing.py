"""Time to sign a credential: certbeam beside openbadgeslib, on the same documents, in one run.

    python bench/signing.py [--credentials N]

Each certbeam credential is another learner's, with its status list entry, from request to JSON; openbadgeslib signs
the same documents without their proofs, its contexts loaded before the clock starts. Status list places are claimed
in SQLite, as in a pipeline, in batches of 100, and their time is part of certbeam's.
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from openbadgeslib.ob3.ldp import add_data_integrity_proof

from certbeam.credentials.claims import Record
from certbeam.credentials.keys import new_key_set, parse_key_set, verification_method
from certbeam.credentials.open_badges import open_badge_credential
from certbeam.credentials.proofs import JCS, RDFC
from certbeam.credentials.requests import CertificateRequest, certificate_request, parse_generate_event
from certbeam.credentials.signing import CredentialIssuer
from certbeam.io.status_slots.sqlite import SqliteStatusSlots
from certbeam.transforms.status_lists import claim_slots

BASE_URL = "https://certs.example.org/certs"
BATCH = 100
NAMES = ("Zoë Brightwater", "आशा कुलकर्णी", "கயல்விழி முருகன்", "లక్ష్మీ ప్రసన్న", "നിള മേനോൻ", "王 晓明", "سارة حداد")
LIBRARY_SHARE = 20
"""openbadgeslib is slow: it signs one in so many of the documents."""


def requests(count: int) -> list[CertificateRequest]:
    """Requests for one batch's learners."""
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
            {"recipientName": f"{name} {number}", "recipientId": f"user-{number:07}"}
            for number, name in zip(range(count), itertools.cycle(NAMES), strict=False)
        ],
    }
    payload, claims = parse_generate_event(
        Record(orjson.dumps({"ets": 1_775_017_800_000, "edata": edata}), {})
    )
    return [certificate_request(claim, payload) for claim in claims]


def micros(work: Callable[[Any], object], items: Sequence[Any], each: int = 1) -> float:
    """Microseconds per credential; ``each`` is how many an item holds."""
    begun = time.perf_counter()
    for item in items:
        work(item)
    return (time.perf_counter() - begun) / (len(items) * each) * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--credentials", type=int, default=5000, metavar="N")
    count = max(BATCH, parser.parse_args().credentials // BATCH * BATCH)
    text = new_key_set(BASE_URL, seed=b"\1" * 32, secret=b"\2" * 32, created=1_700_000_000)
    keys = parse_key_set(text)
    key = keys.public[0]
    private = keys.private[key.kid]

    def issuer(*suites: str) -> CredentialIssuer:
        made = CredentialIssuer(BASE_URL, keys.public, lambda _, message: private.sign(message), suites)
        made.credential(warm_up, None)
        return made

    warm_up, *wanted = requests(count + 1)
    print(f"{count} credentials; microseconds of one core for each")  # noqa: T201
    figures = {}
    for label, suites in (
        (RDFC, (RDFC,)),
        (JCS, (JCS,)),
        ("both proofs", (RDFC, JCS)),
    ):
        signer = issuer(*suites)
        with tempfile.TemporaryDirectory() as folder:
            slots = SqliteStatusSlots(Path(folder) / "slots.db")

            def sign(batch: Sequence[CertificateRequest], signer=signer, slots=slots) -> None:
                found = claim_slots([one.certificate_id for one in batch], slots)
                for one in batch:
                    signer.credential(one, found[one.certificate_id])

            batches = [wanted[start : start + BATCH] for start in range(0, count, BATCH)]
            figures[label] = micros(sign, batches, BATCH)
            slots.close()
        print(f"  certbeam, {label:<16} {figures[label]:8.0f}")  # noqa: T201
    signer = issuer(RDFC)
    method = verification_method(signer.did, key)
    documents = [
        open_badge_credential(one, signer.at, issuer=signer.did, slot=None) for one in wanted[::LIBRARY_SHARE]
    ]

    def sign_by_library(document: dict[str, Any]) -> None:
        orjson.dumps(add_data_integrity_proof(document, private, method))

    sign_by_library(documents[0])
    library = micros(sign_by_library, documents)
    print(f"  openbadgeslib, {RDFC} {library:5.0f}")  # noqa: T201
    print(f"{RDFC}: certbeam is {library / figures[RDFC]:.1f} times as fast")  # noqa: T201


if __name__ == "__main__":
    main()
