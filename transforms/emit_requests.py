"""EmitRequests: the generate-certificate events that ``enrich`` hands on, each with its outcome."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from apache_beam import typehints

from certbeam.issuing.outcome import Outcome
from certbeam.stages.elements import Requested
from certbeam.stages.failure import Failure, rejection
from certbeam.transforms.stage import Stage, StageFn


class _EmitFn(StageFn[Requested]):
    stage = "EmitRequests"

    def work(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        for position, one in enumerate(elements):
            try:
                value = orjson.dumps(one.payload)
            except orjson.JSONEncodeError as error:
                yield position, Failure(one.claim, rejection(self.stage, error))
                continue
            reason = f"certificate {one.payload['edata']['name']} is requested"
            yield position, Outcome(one.claim, "requested", "requested", reason)
            yield position, (one.claim.batch_id.encode(), value)


class EmitRequests(Stage):
    """From :class:`Requested` to messages for the generate topic, keyed by batch id."""

    step = "Make generate events"
    stage_fn = _EmitFn

    def expand(self, requested: Any) -> Any:
        """Make the messages, and name their type, which Beam does not know of one output among others."""
        outputs = super().expand(requested)
        outputs.onward.element_type = typehints.Tuple[bytes, bytes]
        return outputs
