"""The elements between stages.

ParseEvents emits :class:`~certbeam.issuing.claim.Claim` elements, and IssueEnrich
:class:`~certbeam.issuing.earned_certificate.EarnedCertificate` elements. The stages before GenerateCert accept all
types of :data:`Requesting` and emit :class:`~certbeam.certificates.maker.CertificateInput` elements.
GenerateCert emits :class:`~certbeam.certificates.certificate.Certificate` elements, StoreCertificate
:class:`StoredCertificate` elements, and RecordEnrolment the certificate requests.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from certbeam.certificates.certificate import RegistryEntry
from certbeam.certificates.maker import CertificateInput
from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import (
    CertificateRequest,
    build_certificate_request,
    parse_certificate_request,
)
from certbeam.issuing.claim import Claim
from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.stages.failure import Failure, to_rejection


@runtime_checkable
class Element(Protocol):
    """Everything between two stages belongs to a claim."""

    @property
    def claim(self) -> Claim:
        """Return the claim, for its outcome and its dead letter."""


Requesting: TypeAlias = Claim | EarnedCertificate | CertificateInput
"""Element that requests a certificate: the claim of a generate event, an earned certificate, or a request as read."""


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate whose files are in storage."""

    request: CertificateRequest
    access_code: str
    entry: RegistryEntry

    @property
    def claim(self) -> Claim:
        """Return the claim of the request."""
        return self.request.claim


def make_input(element: Requesting) -> CertificateInput:
    """Return the input for the certificate that an element requests; an input is returned as it is.

    Raises:
        Rejected: with the field that is missing or wrong.
    """
    if isinstance(element, CertificateInput):
        return element
    if isinstance(element, EarnedCertificate):
        return CertificateInput(build_certificate_request(element))
    return CertificateInput(parse_certificate_request(element))


def make_inputs(
    elements: Sequence[Requesting], stage: str
) -> tuple[dict[int, CertificateInput], list[tuple[int, Failure]]]:
    """Make the inputs for the certificates that elements request.

    Returns:
        The inputs by position, and the failures of elements whose request is invalid.
    """
    inputs: dict[int, CertificateInput] = {}
    failures = []
    for position, element in enumerate(elements):
        try:
            inputs[position] = make_input(element)
        except Exception as error:
            failures.append((position, Failure(element.claim, to_rejection(stage, error))))
    return inputs, failures


def fail_all(elements: Iterable[tuple[int, Element]], error: Rejected) -> Iterator[tuple[int, Failure]]:
    """Yield the failures of elements that failed together, such as in one look-up, with their positions."""
    for position, element in elements:
        yield position, Failure(element.claim, error)
