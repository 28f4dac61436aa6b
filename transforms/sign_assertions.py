"""SignAssertions: the assertions of requested certificates, signed by a service before the files are made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from certbeam.badges.enc_service import ServiceSignature, service_assertion, service_key
from certbeam.badges.ob2_assertion import Locations
from certbeam.badges.status_list import StatusSlot
from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.stages.worker import Worker
from certbeam.transforms.parse_events import Requested, read_requests
from certbeam.transforms.stage import Failure, Stage, StageFn


def sign_assertions(
    requests: Mapping[int, tuple[CertificateRequest, StatusSlot | None]], worker: Worker
) -> dict[int, ServiceSignature | Rejected | None]:
    """The signatures of some certificates' assertions, by position, or why one cannot be had.

    None stands for a certificate that the service is not to sign.
    """
    signer, issuer = worker.assertion_signer, worker.credential_issuer
    at, keys = Locations(worker.settings.issuer.base_url), issuer.keys if issuer else ()
    held = {key.kid for key in keys}
    settled: dict[int, ServiceSignature | Rejected | None] = {}
    wanted = {}
    for position, (request, slot) in requests.items():
        try:
            key_id = service_key(request, held, signer.default_key)
        except Rejected as error:
            settled[position] = error
            continue
        if key_id:
            wanted[position] = (key_id, service_assertion(request, at, key_id, keys=keys, slot=slot))
        else:
            settled[position] = None
    return settled | dict(zip(wanted, signer.sign(list(wanted.values())), strict=True))


class _SignFn(StageFn[Requested]):
    stage = "SignAssertions"
    waits = True

    def work(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        requests, failures = read_requests(elements, self.stage)
        yield from failures
        asked = {position: (request, elements[position].slot) for position, request in requests.items()}
        for position, signature in sign_assertions(asked, self.worker).items():
            if isinstance(signature, Rejected):
                yield position, Failure(elements[position].claim, signature)
            else:
                yield position, replace(elements[position], signature=signature, read=requests[position])


class SignAssertions(Stage):
    """From :class:`Requested` to the same with their signatures."""

    step = "Sign assertions"
    stage_fn = _SignFn
