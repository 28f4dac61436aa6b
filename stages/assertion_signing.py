"""Have a service sign the assertions of a batch of certificates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from certbeam.badges.enc_service import ServiceSignature, build_service_assertion, choose_service_key
from certbeam.badges.urls import PublishedUrls
from certbeam.certificates.maker import CertificateInput
from certbeam.foundation.errors import Rejected
from certbeam.stages.elements import Requesting, make_inputs
from certbeam.stages.failure import Failure
from certbeam.stages.worker import Worker

STAGE = "SignAssertions"


def sign_assertions(elements: Sequence[Requesting], worker: Worker) -> Iterator[tuple[int, Any]]:
    """Have the service sign the assertions of requested certificates.

    Yields:
        Positions with the input for a certificate, or with a failure.
    """
    inputs, failures = make_inputs(elements, STAGE)
    yield from failures
    for position, signature in _sign(inputs, worker).items():
        if isinstance(signature, Rejected):
            yield position, Failure(inputs[position].claim, signature)
        else:
            yield position, replace(inputs[position], signature=signature)


def _sign(
    inputs: Mapping[int, CertificateInput], worker: Worker
) -> dict[int, ServiceSignature | Rejected | None]:
    """Return signatures or errors by position; None for a certificate that the service does not sign."""
    signer, issuer = worker.assertion_signer, worker.credential_issuer
    urls, keys = PublishedUrls(worker.making.issuer.base_url), issuer.keys if issuer else ()
    own_key_ids = {key.kid for key in keys}
    results: dict[int, ServiceSignature | Rejected | None] = {}
    unsigned = {}
    for position, certificate_input in inputs.items():
        try:
            key_id = choose_service_key(certificate_input.request, own_key_ids, signer.default_key)
        except Rejected as error:
            results[position] = error
            continue
        if key_id:
            assertion = build_service_assertion(
                certificate_input.request,
                urls,
                key_id,
                keys=keys,
                status_entry=certificate_input.status_entry,
            )
            unsigned[position] = key_id, assertion
        else:
            results[position] = None
    return results | dict(zip(unsigned, signer.sign(list(unsigned.values())), strict=True))
