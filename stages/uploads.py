"""Upload the files of certificates, and the documents that they refer to."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from certbeam.certificates.artefact import Artefact
from certbeam.certificates.certificate import Certificate
from certbeam.stages.elements import StoredCertificate
from certbeam.stages.failure import Failure
from certbeam.stages.worker import Worker


class Uploads(NamedTuple):
    """The results of a batch of uploads.

    Attributes:
        results: positions with the stored certificate, or with a failure.
        stored_bytes: the size of all uploaded files and documents.
    """

    results: list[tuple[int, Any]]
    stored_bytes: int


def store_certificates(certificates: Sequence[Certificate], worker: Worker) -> Uploads:
    """Upload the files of certificates, together with the documents that this worker has not uploaded yet."""
    documents = _select_new_documents(certificates, worker)
    files = [artefact for certificate in certificates for artefact in certificate.artefacts]
    errors = iter(worker.storage.put([*documents.values(), *files]))
    failed_documents = {name: error for name in documents if (error := next(errors))}
    uploaded = [document for name, document in documents.items() if name not in failed_documents]
    worker.published.add(document.name for document in uploaded)
    results: list[tuple[int, Any]] = []
    for position, certificate in enumerate(certificates):
        failed = [error for _ in certificate.artefacts if (error := next(errors))]
        failed += [
            failed_documents[document.name]
            for document in (*certificate.documents, *worker.documents)
            if document.name in failed_documents
        ]
        if failed:
            results.append((position, Failure(certificate.claim, failed[0])))
        else:
            uploaded += certificate.artefacts
            stored_certificate = StoredCertificate(
                certificate.request, certificate.access_code, certificate.entry
            )
            results.append((position, stored_certificate))
    return Uploads(results, sum(artefact.size for artefact in uploaded))


def _select_new_documents(certificates: Iterable[Certificate], worker: Worker) -> dict[str, Artefact]:
    """Return documents that certificates refer to and this worker has not uploaded yet, by name."""
    documents = {
        document.name: document
        for shared in (worker.documents, *(certificate.documents for certificate in certificates))
        for document in shared
    }
    return {name: documents[name] for name in worker.published.select_missing(documents)}
