"""GenerateCert: the certificate of each request, made from its compiled template."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.credentials.certificates import Certificate, make_certificate
from certbeam.credentials.ids import access_code
from certbeam.transforms.parse_events import Requested
from certbeam.transforms.stage import Stage, StageFn
from certbeam.transforms.worker import Worker


def generate(requested: Requested, worker: Worker) -> Certificate:
    """Check a request and make its certificate.

    Raises:
        Rejected: when the request or its template is at fault.
    """
    request = requested.request
    template = worker.templates.template(request.template_url)
    return make_certificate(
        request,
        template,
        worker.settings.issuer,
        access_code(request.certificate_id, worker.access_code_key),
        worker.templates.image,
        worker.renderer,
        worker.credential_issuer,
        requested.slot,
        requested.signature,
    )


class _GenerateFn(StageFn[Requested]):
    stage = "GenerateCert"

    def is_enough(self, newest: Requested, waiting: int) -> bool:  # noqa: ARG002
        """Each at once: nothing is looked up together here, and certificates are large."""
        return True

    def work(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        yield from ((position, generate(one, self.worker)) for position, one in enumerate(elements))

    def finish_bundle(self) -> Iterator[Any]:
        self._count_cache_use()
        yield from super().finish_bundle()

    def _count_cache_use(self) -> None:
        for kind, cache in (
            ("template", self.worker.templates.compiled),
            ("image", self.worker.templates.images),
        ):
            for event, amount in cache.take_counts().items():
                self.count(f"{kind}-cache:{event}", amount)


class GenerateCert(Stage):
    """From :class:`Requested` to :class:`~certbeam.credentials.certificates.Certificate`."""

    step = "Make certificates"
    stage_fn = _GenerateFn
