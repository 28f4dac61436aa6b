"""ClaimStatus: the status list index of each requested certificate, assigned before its credential is signed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.stages.elements import Requested
from certbeam.stages.event_parsing import read_requests
from certbeam.stages.failure import Failure
from certbeam.stages.status_lists import claim
from certbeam.transforms.stage import Stage, StageFn


class _ClaimFn(StageFn[Requested]):
    stage = "ClaimStatus"
    io_bound = True

    def process_elements(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
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
    """Assign status list indexes to :class:`Requested` certificates."""

    step = "Claim places on status lists"
    stage_fn = _ClaimFn
