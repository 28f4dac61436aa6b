"""ClaimStatus: each requested certificate's place on a status list, claimed before its credential is signed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from certbeam.badges.status_list import StatusSlot
from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.stages.status_lists import claim_slots, publish_status_lists
from certbeam.stages.worker import Worker
from certbeam.transforms.parse_events import Requested, read_requests
from certbeam.transforms.stage import Failure, Stage, StageFn


def claim(requests: Sequence[CertificateRequest], worker: Worker) -> dict[str, StatusSlot]:
    """The places of some certificates, by id; a list that this worker meets for the first time is published.

    Raises:
        Rejected: when places cannot be claimed, or a list cannot be published.
    """
    slots = claim_slots([request.certificate_id for request in requests], worker.status_slots)
    lists = {slot.number for slot in slots.values()} - worker.known_lists
    if lists and worker.credential_issuer:
        publish_status_lists(lists, worker.status_slots, worker.credential_issuer, worker.storage)
        worker.known_lists.update(lists)
    return slots


class _ClaimFn(StageFn[Requested]):
    stage = "ClaimStatus"
    waits = True

    def work(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        requests, failures = read_requests(elements, self.stage)
        yield from failures
        try:
            slots = claim(list(requests.values()), self.worker)
        except Rejected as error:
            yield from ((position, Failure(request.claim, error)) for position, request in requests.items())
            return
        for position, request in requests.items():
            slot = slots[request.certificate_id]
            yield position, replace(elements[position], slot=slot, read=request)


class ClaimStatus(Stage):
    """From :class:`Requested` to the same with their places."""

    step = "Claim places on status lists"
    stage_fn = _ClaimFn
