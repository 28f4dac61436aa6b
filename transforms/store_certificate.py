"""StoreCertificate: upload the files of certificates."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.certificates.certificate import Certificate
from certbeam.stages.uploads import store_certificates
from certbeam.transforms.stage import Stage, StageFn

_MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""Maximum size of buffered files. Templates reach several MB, and a bundle of such certificates would fill a worker."""


class _StoreFn(StageFn[Certificate]):
    stage = "StoreCertificate"
    io_bound = True
    _buffered_bytes = 0

    def start_bundle(self) -> None:
        super().start_bundle()
        self._buffered_bytes = 0

    def is_batch_full(self, newest: Certificate, buffered: int) -> bool:
        self._buffered_bytes += sum(artefact.size for artefact in newest.artefacts)
        is_full = self._buffered_bytes >= _MAX_BUFFERED_BYTES or super().is_batch_full(newest, buffered)
        if is_full:
            self._buffered_bytes = 0
        return is_full

    def process_elements(self, elements: Sequence[Certificate]) -> Iterable[tuple[int, Any]]:
        uploads = store_certificates(elements, self.worker)
        if uploads.stored_bytes:
            self.count("bytes:stored", uploads.stored_bytes)
        return uploads.results


class StoreCertificate(Stage):
    """Upload the files of certificates."""

    step = "Store certificates"
    stage_fn = _StoreFn
