"""Count the work of a run, so that extra work is detected without measuring time. Time is measured in bench/.

The numbers are for :data:`CERTIFICATES` signed certificates (json, vc, svg) of two batches, with one event each.
After an improvement, write the smaller number here.
"""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp

from certbeam.artwork.qr.mask_patterns import MaskPatterns
from certbeam.artwork.template import text_chunks
from certbeam.badges import rdf_canonical as canonical
from certbeam.badges.key_set import new_key_set
from certbeam.bench.make_input import Shape, make_input
from certbeam.certificates.certificate import Certificate
from certbeam.certificates.maker import CertificateInput, CertificateMaker
from certbeam.io.events.json_lines import prepare_sink
from certbeam.io.keys.jwk_file import JwkFileSigner, write_key_set
from certbeam.io.learning.sqlite_learning import SqliteLearning
from certbeam.io.registry.sqlite_registry import SqliteRegistry
from certbeam.io.status_lists.sqlite_status_lists import SqliteStatusLists
from certbeam.io.storage.folder import FolderStorage
from certbeam.io.template_sources import AllowedSource
from certbeam.io.templates import cache
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import job_settings
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.pipelines.runners.run import run_pipeline
from certbeam.stages.elements import StoredCertificate

CERTIFICATES = 1000
BATCHES = 2
FLUSHES = 10
"""Batches of 100 claims that each stage processes. All events are in one bundle."""
COLLISIONS = 2
"""Collisions: indexes of the status list that are the first candidate of two of these certificates."""
SIGNATURES = 2
"""Pictures of signatures on the template."""
DOCUMENTS = 12
"""Documents of the installation, the issuer and the batches, which certificates share."""
BASE_URL = "https://certs.example.org/certs"
FILES = 4
"""Files of a certificate: .json, .vc.json, .svg, and one without an extension."""

KEYED = {
    SqliteLearning: ("batch_templates", "enrolments", "scores", "users", "records", "replace_issued"),
    SqliteRegistry: ("add", "revoke"),
    SqliteStatusLists: ("claim", "revoke"),
    FolderStorage: ("put",),
}
"""Methods that take several keys or rows in a call."""

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Work:
    """Counts calls and their items, by name.

    Attributes:
        calls: the number of calls.
        items: the number of keys, rows or files in all calls.
        put: the bytes of each file uploaded to storage, by name.
        parts: the parts of the files, each object once.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: Counter[str] = Counter()
        self.items: Counter[str] = Counter()
        self.put: Counter[str] = Counter()
        self.parts: dict[int, bytes] = {}
        self._patch = patch
        for adapter, names in KEYED.items():
            for name in names:
                self._count_items(adapter, name)
        self._count(AllowedSource, "fetch")
        self._count(JwkFileSigner, "sign")
        self._count(cache, "compile_template")
        self._count(canonical, "JsonLdProcessor")
        self._count(MaskPatterns, "apply_best")
        self._count(CertificateMaker, "make")
        self._count(text_chunks, "lay_out_text")
        self._count(zxingcpp, "create_barcode")
        for kind in (CertificateInput, Certificate, StoredCertificate):
            self._count(kind, "__reduce_ex__")
        self._count_commits()

    def _count(self, owner, name):
        done = getattr(owner, name)

        def counted(*arguments, **named):
            self.calls[f"{owner.__name__}.{name}"] += 1
            return done(*arguments, **named)

        self._patch.setattr(owner, name, counted)

    def _count_items(self, adapter, name):
        done = getattr(adapter, name)

        def counted(port, items):
            self.calls[f"{adapter.__name__}.{name}"] += 1
            self.items[f"{adapter.__name__}.{name}"] += len(items)
            if name == "put":
                self.put.update({artefact.name: artefact.size for artefact in items})
                self.parts.update({id(part): part for artefact in items for part in artefact.parts})
            return done(port, items)

        self._patch.setattr(adapter, name, counted)

    def _count_commits(self):
        connect = sqlite3.connect

        def connected(*arguments, **named):
            connection = connect(*arguments, **named)

            def trace(statement):
                verb = statement.split(maxsplit=1)[0].upper()
                # What is written outside of a transaction is a commit of its own.
                if verb == "COMMIT" or (verb in WRITES and not connection.in_transaction):
                    self.calls["commit"] += 1

            connection.set_trace_callback(trace)
            return connection

        self._patch.setattr(sqlite3, "connect", connected)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("work")
    yield folder
    shutil.rmtree(folder)  # 200 MB, of which pytest would keep three runs'


@pytest.fixture(scope="module")
def work(root: Path) -> Work:
    """The work of one run that issues all certificates."""
    make_input(root, Shape(CERTIFICATES, BATCHES))
    keys = new_key_set(BASE_URL, seed=b"\1" * 32, secret=b"\2" * 32, created=1_700_000_000)
    write_key_set(root / "keys.json", keys)
    flags = {
        "input": str(root / "events.jsonl"),
        "lms": f"sqlite:{root / 'lms.db'}",
        "registry": f"sqlite:{root / 'registry.db'}",
        "storage": str(root / "certs"),
        "keys": str(root / "keys.json"),
        "base_url": BASE_URL,
        **{sink: str(root / sink) for sink in ("outcomes", "dead_letters", "audit")},
    }
    job = job_settings("issue", complete("issue", flags, {}))
    for flag, address in job.sinks.items():
        prepare_sink(flag, address)
    with pytest.MonkeyPatch.context() as patch:
        work = Work(patch)
        summary = run_pipeline(job, beam_options([], known=[]), progress=False)
    assert summary.counted("outcome") == {"issued": CERTIFICATES}
    return work


def port_work(work: Work, *adapters: type[object]) -> dict[str, tuple[int, int]]:
    """Return the number of calls and of items of each method of some adapters."""
    names = [f"{adapter.__name__}.{name}" for adapter in adapters for name in KEYED[adapter]]
    return {name: (work.calls[name], work.items[name]) for name in names if work.calls[name]}


def test_look_ups_and_rows_are_sent_in_full_batches(work: Work):
    assert port_work(work, SqliteLearning, SqliteRegistry, SqliteStatusLists) == {
        "SqliteLearning.batch_templates": (FLUSHES, FLUSHES),
        "SqliteLearning.records": (FLUSHES, FLUSHES),
        "SqliteLearning.users": (FLUSHES, CERTIFICATES),
        # once to see who has earned it, once to put it on the list as it then stands
        "SqliteLearning.enrolments": (2 * FLUSHES, 2 * CERTIFICATES),
        "SqliteLearning.replace_issued": (FLUSHES, CERTIFICATES),
        "SqliteRegistry.add": (FLUSHES, CERTIFICATES),
        "SqliteStatusLists.claim": (FLUSHES + COLLISIONS, CERTIFICATES + COLLISIONS),
    }


def test_a_batch_is_one_commit_for_each_table(work: Work):
    to_make_tables = 5
    assert work.calls["commit"] == 3 * FLUSHES + COLLISIONS + to_make_tables


def test_a_template_is_fetched_and_compiled_once(work: Work):
    assert work.calls["certbeam.io.templates.cache.compile_template"] == 1
    assert work.calls["AllowedSource.fetch"] == 1 + SIGNATURES


def test_pyld_is_called_once_for_each_shape_of_document(work: Work):
    """The shapes are a credential and its proof, and a status list and its proof."""
    assert work.calls["certbeam.badges.rdf_canonical.JsonLdProcessor"] == 4


def test_each_certificate_is_signed_twice(work: Work):
    """One signature is for the credential, one for the assertion. The status list is signed too."""
    assert work.calls["JwkFileSigner.sign"] == 2 * CERTIFICATES + 1


def test_each_qr_code_is_built_once_from_cached_differences(work: Work):
    assert work.calls["MaskPatterns.apply_best"] == CERTIFICATES
    # Once a process, which another test may have done: what each character changes, and what a symbol begins with.
    characters = 100 + 32 * len("0123456789abcdef")  # of the addresses' constant part, and of the ids
    assert work.calls["zxingcpp.create_barcode"] <= characters + 11


def test_certificates_are_made_in_batches_of_50(work: Work):
    assert work.calls["CertificateMaker.make"] == CERTIFICATES / 50


def test_each_name_and_each_shared_text_is_laid_out_once(work: Work):
    texts = 30  # of the template: measured when it is compiled, and some of them again for the second batch
    assert (
        CERTIFICATES
        <= work.calls["certbeam.artwork.template.text_chunks.lay_out_text"]
        <= CERTIFICATES + texts
    )


def test_each_file_is_written_once(work: Work, root: Path):
    storage = root / "certs"
    files = (path for path in storage.rglob("*") if path.is_file())
    stored = {str(path.relative_to(storage)): path.stat().st_size for path in files}
    assert work.put == stored
    assert work.items["FolderStorage.put"] == len(stored) == FILES * CERTIFICATES + DOCUMENTS
    # 16 MB are put together, about eighty certificates; the status list goes by itself.
    assert work.calls["FolderStorage.put"] <= CERTIFICATES / 75 + 2
    # The demo's template, drawn with the fonts of this machine, twice: as a file and inside of the assertion.
    assert 190_000 < sum(stored.values()) / CERTIFICATES < 225_000


def test_shared_parts_of_certificates_are_not_copied(work: Work):
    """At least four fifths of the bytes are static content, and texts and pictures that certificates share."""
    made = sum(map(len, work.parts.values()))
    assert made < 0.2 * sum(work.put.values())


@pytest.mark.parametrize("kind", [CertificateInput, Certificate, StoredCertificate])
def test_elements_between_stages_are_rarely_pickled(work: Work, kind: type):
    """Beam pickles some of the first elements to know their size; pickling each would be one in one."""
    assert work.calls[f"{kind.__name__}.__reduce_ex__"] < CERTIFICATES / 4
