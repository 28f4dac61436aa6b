"""Announce: the audit event of each recorded certificate."""

from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import orjson

from certbeam.credentials.audit import audit_event
from certbeam.io.ports import Message
from certbeam.transforms.record_enrolment import Recorded


@dataclass
class Announce(beam.PTransform):
    """Send :class:`Recorded` certificates' audit events to ``sink``."""

    sink: Any

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, recorded: Any) -> Any:
        """From recorded certificates to nothing: a sink."""
        return (
            recorded
            | "Make audit events" >> beam.Map(audit_message).with_output_types(tuple[bytes, bytes])
            | "Write audit events" >> self.sink
        )


def audit_message(recorded: Recorded) -> Message:
    """The audit event, under the certificate's id."""
    return recorded.request.certificate_id.encode(), orjson.dumps(audit_event(recorded.request))
