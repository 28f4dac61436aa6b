"""Add certificates to the registry."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.elements import StoredCertificate, fail_all
from certbeam.stages.failure import Failure
from certbeam.stages.worker import Worker


def register_certificates(
    certificates: Sequence[StoredCertificate], worker: Worker
) -> Iterator[tuple[int, Any]]:
    """Add entries to the registry.

    Yields:
        Positions with the certificate, the outcome of a certificate that has been revoked since, or a failure.
    """
    try:
        standings = worker.registry.add([certificate.entry for certificate in certificates])
    except Rejected as error:
        yield from fail_all(enumerate(certificates), error)
        return
    for position, (certificate, standing) in enumerate(zip(certificates, standings, strict=True)):
        if isinstance(standing, Rejected):
            yield position, Failure(certificate.claim, standing)
        elif standing.revoked is None:
            yield position, certificate
        else:
            yield position, revoked_since(certificate.request, standing.revoked)


def revoked_since(request: CertificateRequest, why: str) -> Outcome:
    """Return the outcome of a replayed event whose certificate has been revoked since; it must not be reinstated."""
    identifier = request.certificate_id
    reason = f"certificate {identifier} was issued and then revoked: {why}"
    return Outcome(request.claim, "already-issued", ReasonCode.REVOKED_SINCE, reason, identifier)
