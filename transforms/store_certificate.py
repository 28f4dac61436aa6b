"""StoreCertificate: upload the files of certificates."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.certificates.certificate import Certificate
from certbeam.stages.elements import StoredCertificate
from certbeam.stages.failure import Failure
from certbeam.stages.uploads import new_documents, referred_to
from certbeam.transforms.stage import Stage, StageFn

_MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""Bytes of buffered files. Templates reach several MB, and a bundle of such certificates would fill a worker."""


class _StoreFn(StageFn[Certificate]):
    stage = "StoreCertificate"
    io_bound = True
    _buffered_bytes = 0

    def start_bundle(self) -> None:
        super().start_bundle()
        self._buffered_bytes = 0

    def is_batch_full(self, newest: Certificate, waiting: int) -> bool:
        self._buffered_bytes += sum(artefact.size for artefact in newest.artefacts)
        enough = self._buffered_bytes >= _MAX_BUFFERED_BYTES or super().is_batch_full(newest, waiting)
        if enough:
            self._buffered_bytes = 0
        return enough

    def process_elements(self, elements: Sequence[Certificate]) -> Iterator[tuple[int, Any]]:
        documents = new_documents(elements, self.worker)
        files = [artefact for one in elements for artefact in one.artefacts]
        errors = iter(self.worker.storage.put([*documents.values(), *files]))
        missing = {name: error for name in documents if (error := next(errors))}
        stored = [document for name, document in documents.items() if name not in missing]
        self.worker.published.add(document.name for document in stored)
        for position, certificate in enumerate(elements):
            refused = [error for _ in certificate.artefacts if (error := next(errors))]
            refused += [missing[name] for name in referred_to(certificate, self.worker) if name in missing]
            if refused:
                yield position, Failure(certificate.request.claim, refused[0])
            else:
                stored += certificate.artefacts
                yield (
                    position,
                    StoredCertificate(certificate.request, certificate.access_code, certificate.entry),
                )
        if stored:
            self.count("bytes:stored", sum(artefact.size for artefact in stored))


class StoreCertificate(Stage):
    """Upload certificates: :class:`StoredCertificate` certificates."""

    step = "Store certificates"
    stage_fn = _StoreFn
