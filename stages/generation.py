"""Make the certificates of a batch of requests."""

from collections.abc import Sequence

from certbeam.certificates.certificate import Certificate
from certbeam.certificates.maker import CertificateInput, CertificateMaker
from certbeam.issuing.ids import derive_access_code
from certbeam.stages.elements import Requested
from certbeam.stages.worker import Worker


def generate(requested: Sequence[Requested], worker: Worker) -> list[Certificate | Exception]:
    """Check requests and make their certificates.

    Returns:
        Certificates in order, or the exception that prevented one.
    """
    maker = CertificateMaker(
        worker.making.issuer,
        worker.templates.template,
        worker.templates.image,
        lambda identifier: derive_access_code(identifier, worker.access_code_key),
        worker.renderer,
        worker.credential_issuer,
    )
    return maker.make(CertificateInput(one.request, one.slot, one.signature) for one in requested)
