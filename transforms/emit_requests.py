"""EmitRequests: the generate-certificate events that ``enrich`` hands on, each with its outcome."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from apache_beam import typehints

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Message
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.elements import Requested
from certbeam.stages.failure import Failure, to_rejection
from certbeam.transforms.stage import Stage, StageFn


class _EmitFn(StageFn[Requested]):
    stage = "EmitRequests"

    def process_elements(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        for position, one in enumerate(elements):
            try:
                message = _message(one, self._settings.max_message_bytes)
            except (orjson.JSONEncodeError, Rejected) as error:
                yield position, Failure(one.claim, to_rejection(self.stage, error))
                continue
            reason = f"certificate {one.payload['edata']['name']} is requested"
            yield position, Outcome(one.claim, "requested", ReasonCode.REQUESTED, reason)
            yield position, message


def _message(one: Requested, bound: int) -> Message:
    """The generate event under its batch's id.

    Raises:
        Rejected: ``event-too-large``; it cannot be cut, for its reader needs all of it.
        orjson.JSONEncodeError: when the event cannot be written as JSON.
    """
    key, value = one.claim.batch_id.encode(), orjson.dumps(one.payload)
    size = len(key) + len(value)
    if size > bound:
        raise Rejected(
            ErrorCode.EVENT_TOO_LARGE,
            f"the generate event has {size:,} bytes and --max_message_bytes is {bound:,}: shorten the fields of"
            f" template {one.claim.template_id}, or raise the limits of the flag and of the topic",
        )
    return key, value


class EmitRequests(Stage):
    """From :class:`Requested` to messages for the generate topic, keyed by batch id."""

    step = "Make generate events"
    stage_fn = _EmitFn

    def expand(self, requested: Any) -> Any:
        """Make the messages, and name their type, which Beam does not know of one output among others."""
        outputs = super().expand(requested)
        outputs.main.element_type = typehints.Tuple[bytes, bytes]
        return outputs
