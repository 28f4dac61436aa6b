"""GenerateCert: the certificate of each request, made from its compiled template."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.certificates.certificate import Certificate
from certbeam.certificates.maker import CertificateMaker, Draft
from certbeam.issuing.ids import access_code
from certbeam.stages.worker import Worker
from certbeam.transforms.parse_events import Requested
from certbeam.transforms.stage import Stage, StageFn, rejection

_TOGETHER = 50
"""Certificates that are made together, and wait for one another: more of them gain little, and are large."""


def generate(requested: Sequence[Requested], worker: Worker) -> list[Certificate | Exception]:
    """Check requests and make their certificates; what stands in place of one says why there is none."""
    maker = CertificateMaker(
        worker.settings.issuer,
        worker.templates.template,
        worker.templates.image,
        lambda identifier: access_code(identifier, worker.access_code_key),
        worker.renderer,
        worker.credential_issuer,
    )
    return maker.make(Draft(one.request, one.slot, one.signature) for one in requested)


class _GenerateFn(StageFn[Requested]):
    stage = "GenerateCert"

    def is_enough(self, newest: Requested, waiting: int) -> bool:
        return waiting >= _TOGETHER or super().is_enough(newest, waiting)

    def work(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        certificates = generate(elements, self.worker)
        self._count_cache_use()
        for position, made in enumerate(certificates):
            if isinstance(made, Exception):
                yield position, self.failed(elements[position], rejection(self.stage, made))
            else:
                yield position, made

    def _count_cache_use(self) -> None:
        for kind, cache in (
            ("template", self.worker.templates.compiled),
            ("image", self.worker.templates.images),
        ):
            for event, amount in cache.take_counts().items():
                self.count(f"{kind}-cache:{event}", amount)


class GenerateCert(Stage):
    """From :class:`Requested` to :class:`~certbeam.certificates.certificate.Certificate`."""

    step = "Make certificates"
    stage_fn = _GenerateFn
