"""Add certificates to the registry."""

from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode


def revoked_since(request: CertificateRequest, why: str) -> Outcome:
    """Return the outcome of a replayed event whose certificate has been revoked since; it must not be reinstated."""
    identifier = request.certificate_id
    reason = f"certificate {identifier} was issued and then revoked: {why}"
    return Outcome(request.claim, "already-issued", ReasonCode.REVOKED_SINCE, reason, identifier)
