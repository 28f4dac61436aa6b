"""EmitRequests: the generate-certificate events that ``enrich`` writes, each with its outcome."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from apache_beam import typehints

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Message
from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.issuing.generate_event import build_generate_event
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.failure import Failure, to_rejection
from certbeam.stages.worker import Worker
from certbeam.transforms.stage import Stage, StageFn


class _EmitFn(StageFn[EarnedCertificate]):
    stage = "EmitRequests"

    def process_elements(self, elements: Sequence[EarnedCertificate]) -> Iterator[tuple[int, Any]]:
        for position, one in enumerate(elements):
            try:
                message = _message(one, self.worker)
            except (orjson.JSONEncodeError, Rejected) as error:
                yield position, Failure(one.claim, to_rejection(self.stage, error))
                continue
            reason = f"certificate {one.template.name} is requested"
            yield position, Outcome(one.claim, "requested", ReasonCode.REQUESTED, reason)
            yield position, message


def _message(earned: EarnedCertificate, worker: Worker) -> Message:
    """Return the generate event with the batch id as key.

    Raises:
        Rejected: ``event-too-large``; the event cannot be cut, because its reader needs all of it.
        orjson.JSONEncodeError: if the event cannot be written as JSON.
    """
    event = build_generate_event(earned, base_url=worker.enrichment.base_url)
    key, value = earned.claim.batch_id.encode(), orjson.dumps(event)
    size, bound = len(key) + len(value), worker.settings.max_message_bytes
    if size > bound:
        raise Rejected(
            ErrorCode.EVENT_TOO_LARGE,
            f"the generate event has {size:,} bytes and --max_message_bytes is {bound:,}: shorten the fields of"
            f" template {earned.claim.template_id}, or raise the limits of the flag and of the topic",
        )
    return key, value


class EmitRequests(Stage):
    """Make messages for the generate topic from earned certificates."""

    step = "Make generate events"
    stage_fn = _EmitFn

    def expand(self, earned: Any) -> Any:
        """Make the messages, and declare their type, which Beam cannot infer for one of several outputs."""
        outputs = super().expand(earned)
        outputs.main.element_type = typehints.Tuple[bytes, bytes]
        return outputs
