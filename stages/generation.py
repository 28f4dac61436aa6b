"""Make the certificates of a batch of requests."""

from collections.abc import Sequence

from certbeam.certificates.certificate import Certificate
from certbeam.certificates.maker import CertificateMaker
from certbeam.issuing.ids import derive_access_code
from certbeam.stages.elements import Requesting, make_inputs
from certbeam.stages.worker import Worker

STAGE = "GenerateCert"


def generate(elements: Sequence[Requesting], worker: Worker) -> list[Certificate | Exception]:
    """Make the certificates that elements request.

    Returns:
        For each element, in order, the certificate or the exception that prevented it.
    """
    maker = CertificateMaker(
        worker.making.issuer,
        worker.templates.template,
        worker.templates.image,
        lambda identifier: derive_access_code(identifier, worker.access_code_key),
        worker.renderer,
        worker.credential_issuer,
    )
    inputs, failures = make_inputs(elements, STAGE)
    results: dict[int, Certificate | Exception] = {position: failure.error for position, failure in failures}
    results |= zip(inputs, maker.make(inputs.values()), strict=True)
    return [results[position] for position in range(len(elements))]
