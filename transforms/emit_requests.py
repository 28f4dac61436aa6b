"""EmitRequests: the generate events that ``enrich`` writes, each with its outcome."""

from collections.abc import Iterable, Sequence
from typing import Any

from apache_beam import typehints

from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.stages.generate_events import STAGE, make_generate_events
from certbeam.transforms.stage import Stage, StageFn


class _EmitFn(StageFn[EarnedCertificate]):
    stage = STAGE

    def process_elements(self, elements: Sequence[EarnedCertificate]) -> Iterable[tuple[int, Any]]:
        return make_generate_events(elements, self.worker)


class EmitRequests(Stage):
    """Make messages for the generate topic from earned certificates."""

    step = "Make generate events"
    stage_fn = _EmitFn

    def expand(self, earned: Any) -> Any:
        """Make the messages, and declare their type, which Beam cannot infer for one of several outputs."""
        outputs = super().expand(earned)
        outputs.main.element_type = typehints.Tuple[bytes, bytes]
        return outputs
