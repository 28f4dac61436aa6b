"""StoreCertificate: files in storage, or a dead letter with the reason."""

import pytest

from certbeam.stages.generation import generate
from certbeam.tests.support import generate_event, requested, run_to_lists, watch
from certbeam.transforms import store_certificate
from certbeam.transforms.store_certificate import StoreCertificate


@pytest.fixture
def certificates(worker):
    return generate(requested(generate_event("u-1", "u-2"), generate_event("u-3", tag="other")), worker)


def test_every_file_is_stored_and_its_bytes_are_counted(platform, certificates):
    found, counted = run_to_lists(certificates, StoreCertificate(platform.settings()))
    assert sorted(one.request.recipient_id for one in found.main) == ["u-1", "u-2", "u-3"]
    for one in certificates:
        for artefact in one.artefacts:
            assert (platform.storage / artefact.name).read_bytes() == artefact.body
    total = sum(path.stat().st_size for path in platform.storage.rglob("*") if path.is_file())
    assert counted == {"bytes:stored": total}
    assert {one.entry for one in found.main} == {one.entry for one in certificates}


def test_a_refused_file_fails_only_its_certificate(platform, certificates):
    refused = platform.storage / certificates[1].artefacts[1].name
    refused.mkdir(parents=True)
    found, counted = run_to_lists(certificates, StoreCertificate(platform.settings()))
    assert sorted(one.request.recipient_id for one in found.main) == ["u-1", "u-3"]
    assert [(one.claim.user_id, one.code) for one in found.outcomes] == [("u-2", "storage-unavailable")]
    assert counted["dead-letter:storage-unavailable"] == 1


def test_all_files_of_a_bundle_are_uploaded_together(platform, certificates, worker):
    storage = watch(worker, "storage")
    run_to_lists(certificates, StoreCertificate(platform.settings()))
    documents = {document.name for one in certificates for document in (*one.documents, *worker.documents)}
    assert [len(artefacts) for _, artefacts in storage.calls] == [len(documents) + 3 * 3]
    run_to_lists(certificates, StoreCertificate(platform.settings()))
    assert len(storage.calls[1][1]) == 3 * 3


def test_a_refused_document_fails_all_certificates_that_refer_to_it(platform, certificates):
    (platform.storage / certificates[0].documents[0].name).mkdir(parents=True)
    found, _ = run_to_lists(certificates, StoreCertificate(platform.settings()))
    assert sorted(one.request.recipient_id for one in found.main) == ["u-3"]
    assert sorted(one.claim.user_id for one in found.outcomes) == ["u-1", "u-2"]


def test_large_files_are_uploaded_before_the_end_of_the_bundle(platform, certificates, worker, monkeypatch):
    storage = watch(worker, "storage")
    size = max(sum(len(artefact.body) for artefact in one.artefacts) for one in certificates)
    monkeypatch.setattr(store_certificate, "_MAX_BUFFERED_BYTES", size + 1)
    found, _ = run_to_lists(certificates, StoreCertificate(platform.settings()))
    assert len(found.main) == 3
    assert len(storage.calls) == 2


def test_buffered_bytes_of_a_failed_bundle_are_discarded(platform, certificates, worker, monkeypatch):
    storage = watch(worker, "storage")
    size = sum(artefact.size for artefact in certificates[0].artefacts)
    monkeypatch.setattr(store_certificate, "_MAX_BUFFERED_BYTES", size + 1)
    fn = StoreCertificate(platform.settings()).make_fn()
    fn.setup()
    for _ in range(3):
        fn.start_bundle()
        assert list(fn.process(certificates[0], 0, None)) == []
    assert storage.calls == []
    assert len(list(fn.finish_bundle())) == 1
    fn.teardown()


def test_the_count_of_buffered_bytes_restarts_after_each_upload(platform, certificates, worker, monkeypatch):
    storage = watch(worker, "storage")
    size = sum(artefact.size for artefact in certificates[0].artefacts)
    monkeypatch.setattr(store_certificate, "_MAX_BUFFERED_BYTES", size + 1)
    fn = StoreCertificate(platform.settings()).make_fn()
    fn.setup()
    fn.start_bundle()
    results = [len(list(fn.process(certificates[0], 0, None))) for _ in range(4)]
    assert results == [0, 2, 0, 2]
    assert len(storage.calls) == 2
    fn.teardown()


def test_a_document_that_could_not_be_stored_is_stored_with_the_next_certificate(
    platform, certificates, worker
):
    (blocked,) = {document.name for document in certificates[0].documents if "/Badge-" in document.name}
    (platform.storage / blocked).mkdir(parents=True)
    found, _ = run_to_lists(certificates[:1], StoreCertificate(platform.settings()))
    assert [one.code for one in found.outcomes] == ["storage-unavailable"]
    (platform.storage / blocked).rmdir()
    found, _ = run_to_lists(certificates[:1], StoreCertificate(platform.settings()))
    assert len(found.main) == 1
    assert (platform.storage / blocked).is_file()


def test_up_to_16_mib_of_files_are_buffered():
    assert store_certificate._MAX_BUFFERED_BYTES == 16_777_216
