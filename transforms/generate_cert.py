"""GenerateCert: make the certificate of each request from its compiled template."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.stages.elements import Requesting
from certbeam.stages.failure import to_rejection
from certbeam.stages.generation import STAGE, generate
from certbeam.transforms.stage import Stage, StageFn

_MAX_BATCH = 50
"""Maximum number of certificates in a batch. A larger batch is hardly faster, and needs more memory."""


class _GenerateFn(StageFn[Requesting]):
    stage = STAGE

    def is_batch_full(self, newest: Requesting, buffered: int) -> bool:
        return buffered >= _MAX_BATCH or super().is_batch_full(newest, buffered)

    def process_elements(self, elements: Sequence[Requesting]) -> Iterator[tuple[int, Any]]:
        certificates = generate(elements, self.worker)
        self._count_cache_use()
        for position, result in enumerate(certificates):
            if isinstance(result, Exception):
                yield position, self.to_failure(elements[position], to_rejection(self.stage, result))
            else:
                yield position, result

    def _count_cache_use(self) -> None:
        for kind, cache in (
            ("template", self.worker.templates.compiled),
            ("image", self.worker.templates.images),
        ):
            for event, amount in cache.take_counts().items():
                self.count(f"{kind}-cache:{event}", amount)


class GenerateCert(Stage):
    """Make the certificates that elements request: :class:`~certbeam.certificates.certificate.Certificate`."""

    step = "Make certificates"
    stage_fn = _GenerateFn
