"""Make generate events of earned certificates."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Message
from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.issuing.generate_event import build_generate_event
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.failure import Failure, to_rejection
from certbeam.stages.worker import Worker

STAGE = "EmitRequests"


def make_generate_events(
    certificates: Sequence[EarnedCertificate], worker: Worker
) -> Iterator[tuple[int, Any]]:
    """Make a message for the generate topic of each earned certificate.

    Yields:
        Positions with an outcome and a message, or with a failure.
    """
    for position, earned in enumerate(certificates):
        try:
            message = _make_message(earned, worker)
        except (orjson.JSONEncodeError, Rejected) as error:
            yield position, Failure(earned.claim, to_rejection(STAGE, error))
            continue
        reason = f"certificate {earned.template.name} is requested"
        yield position, Outcome(earned.claim, "requested", ReasonCode.REQUESTED, reason)
        yield position, message


def _make_message(earned: EarnedCertificate, worker: Worker) -> Message:
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
