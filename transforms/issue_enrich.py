"""IssueEnrich: the certificates of a batch that each user has earned."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.issuing.claim import Claim
from certbeam.stages.enrichment import STAGE, enrich
from certbeam.transforms.stage import Stage, StageFn


class _EnrichFn(StageFn[Claim]):
    stage = STAGE
    io_bound = True

    def process_elements(self, elements: Sequence[Claim]) -> Iterable[tuple[int, Any]]:
        return enrich(elements, self.worker)


class IssueEnrich(Stage):
    """Find the certificates that the users of claims have earned."""

    step = "Find earned certificates"
    stage_fn = _EnrichFn
