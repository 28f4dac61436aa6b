"""Have a service sign the assertions of a batch of certificates."""

from collections.abc import Mapping

from certbeam.badges.enc_service import ServiceSignature, build_service_assertion, choose_service_key
from certbeam.badges.urls import PublishedUrls
from certbeam.certificates.maker import CertificateInput
from certbeam.foundation.errors import Rejected
from certbeam.stages.worker import Worker


def sign_assertions(
    inputs: Mapping[int, CertificateInput], worker: Worker
) -> dict[int, ServiceSignature | Rejected | None]:
    """Have the service sign the assertions of certificates.

    Returns:
        The signature or the error of each certificate, by position; None for a certificate that the service does not
        sign.
    """
    signer, issuer = worker.assertion_signer, worker.credential_issuer
    urls, keys = PublishedUrls(worker.making.issuer.base_url), issuer.keys if issuer else ()
    held = {key.kid for key in keys}
    settled: dict[int, ServiceSignature | Rejected | None] = {}
    wanted = {}
    for position, certificate_input in inputs.items():
        request = certificate_input.request
        try:
            key_id = choose_service_key(request, held, signer.default_key)
        except Rejected as error:
            settled[position] = error
            continue
        if key_id:
            wanted[position] = (
                key_id,
                build_service_assertion(
                    request, urls, key_id, keys=keys, status_entry=certificate_input.status_entry
                ),
            )
        else:
            settled[position] = None
    return settled | dict(zip(wanted, signer.sign(list(wanted.values())), strict=True))
