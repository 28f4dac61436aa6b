"""Announce: the audit event of each recorded certificate."""

from typing import Any

import apache_beam as beam
import orjson

from certbeam.credentials.audit import audit_event
from certbeam.io.ports import Message
from certbeam.transforms.record_enrolment import Recorded


class Announce(beam.PTransform):
    """The audit events of :class:`Recorded` certificates, as messages."""

    def expand(self, recorded: Any) -> Any:
        """From recorded certificates to messages."""
        return recorded | "Make audit events" >> beam.Map(audit_message).with_output_types(
            tuple[bytes, bytes]
        )


def audit_message(recorded: Recorded) -> Message:
    """The audit event, under the certificate's id."""
    return recorded.request.certificate_id.encode(), orjson.dumps(audit_event(recorded.request))
