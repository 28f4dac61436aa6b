"""EmitRequests: the generate-certificate events that ``enrich`` hands on, each with its outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import orjson

from certbeam.credentials.claims import Outcome
from certbeam.transforms.parse_events import Requested
from certbeam.transforms.stage import StageFn, run_stage
from certbeam.transforms.worker import WorkerSettings


@dataclass
class EmitRequests(beam.PTransform):
    """From :class:`Requested` to messages for the generate topic, keyed by batch id."""

    settings: WorkerSettings

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, requested: Any) -> Any:
        """From requests to messages."""
        return run_stage("Make generate events", requested, _EmitFn(self.settings))


class _EmitFn(StageFn[Requested]):
    stage = "EmitRequests"

    def work(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        for position, one in enumerate(elements):
            reason = f"certificate {one.payload['edata']['name']} is requested"
            yield position, Outcome(one.claim, "requested", "requested", reason)
            yield position, (one.claim.batch_id.encode(), orjson.dumps(one.payload))
