"""ClaimStatus: the status list index of each requested certificate, assigned before its credential is signed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.stages.elements import Requesting, make_inputs
from certbeam.stages.failure import Failure
from certbeam.stages.status_lists import claim
from certbeam.transforms.stage import Stage, StageFn


class _ClaimFn(StageFn[Requesting]):
    stage = "ClaimStatus"
    io_bound = True

    def process_elements(self, elements: Sequence[Requesting]) -> Iterator[tuple[int, Any]]:
        inputs, failures = make_inputs(elements, self.stage)
        yield from failures
        try:
            slots = claim([one.request for one in inputs.values()], self.worker)
        except Rejected as error:
            yield from ((position, Failure(one.claim, error)) for position, one in inputs.items())
            return
        for position, one in inputs.items():
            yield position, replace(one, status_entry=slots[one.request.certificate_id])


class ClaimStatus(Stage):
    """Assign status list indexes to requested certificates."""

    step = "Claim places on status lists"
    stage_fn = _ClaimFn
