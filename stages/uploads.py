"""Select the shared documents to upload with certificates."""

from collections.abc import Iterable

from certbeam.certificates.artefact import Artefact
from certbeam.certificates.certificate import Certificate
from certbeam.stages.worker import Worker


def new_documents(certificates: Iterable[Certificate], worker: Worker) -> dict[str, Artefact]:
    """Return documents that certificates refer to and this worker has not uploaded yet, by name."""
    documents = {
        document.name: document
        for one in (worker.documents, *(certificate.documents for certificate in certificates))
        for document in one
    }
    return {name: documents[name] for name in worker.published.lacking(documents)}


def referred_to(certificate: Certificate, worker: Worker) -> list[str]:
    """Return the names of all documents that a certificate needs."""
    return [document.name for document in (*certificate.documents, *worker.documents)]
