"""ClaimStatus: the status list index of each requested certificate, assigned before its credential is signed."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.stages.elements import Requesting
from certbeam.stages.status_lists import STAGE, assign_indexes
from certbeam.transforms.stage import Stage, StageFn


class _ClaimFn(StageFn[Requesting]):
    stage = STAGE
    io_bound = True

    def process_elements(self, elements: Sequence[Requesting]) -> Iterable[tuple[int, Any]]:
        return assign_indexes(elements, self.worker)


class ClaimStatus(Stage):
    """Assign status list indexes to requested certificates."""

    step = "Claim status list indexes"
    stage_fn = _ClaimFn
