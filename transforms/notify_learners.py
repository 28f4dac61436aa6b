"""MakeNotices, SendNotices and WriteNotices: notices of issued certificates, which never fail a certificate."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam
import orjson
from apache_beam.metrics import Metrics

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Message
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.notices import Notices
from certbeam.stages.notice_making import STAGE, make_notices
from certbeam.transforms.stage import NAMESPACE, Stage, StageFn

logger = logging.getLogger(__name__)

_NAMESPACE = f"{NAMESPACE}_WriteNotices"


class _NoticeFn(StageFn[Any]):
    """A stage that counts failures by error code, and logs them with the certificate id."""

    def to_failure(self, element: CertificateRequest | Notices, error: Rejected) -> None:
        """Count and log the failure. The certificate stays issued."""
        self.count(f"notice-failed:{error.code}")
        logger.warning("no notice of certificate %s: %s", element.certificate_id, error.reason)


class _MakeFn(_NoticeFn):
    stage = STAGE
    io_bound = True

    def process_elements(self, elements: Sequence[CertificateRequest]) -> Iterator[tuple[int, Any]]:
        for position, result in make_notices(elements, self.worker):
            if isinstance(result, Rejected):
                self.to_failure(elements[position], result)
            else:
                yield position, result


class MakeNotices(Stage):
    """Make :class:`~certbeam.issuing.notices.Notices` of recorded certificates."""

    step = "Make notices"
    stage_fn = _MakeFn


class _SendFn(_NoticeFn):
    stage = "SendNotices"
    io_bound = True

    def process_elements(self, elements: Sequence[Notices]) -> Iterator[tuple[int, Any]]:
        for notices, error in zip(elements, self.worker.notice_board.send(elements), strict=True):
            if error:
                self.to_failure(notices, error)
            else:
                self.count("notices:sent")
        yield from ()


class SendNotices(Stage):
    """Send notices through the HTTP APIs. A sink."""

    step = "Send notices"
    stage_fn = _SendFn


class WriteNotices(beam.PTransform):
    """Convert notices to messages.

    Args:
        max_message_bytes: maximum size of a message, key and value together. A larger notice is counted, logged and not
            sent, because its reader shows it to the learner unchanged.
    """

    def __init__(self, max_message_bytes: int) -> None:
        super().__init__()
        self._bound = max_message_bytes

    def expand(self, notices: Any) -> Any:
        """Return the messages of notices."""
        return notices | "Write them" >> beam.FlatMap(
            notice_messages, max_message_bytes=self._bound
        ).with_output_types(tuple[bytes, bytes])


def notice_messages(notices: Notices, *, max_message_bytes: int) -> Iterator[Message]:
    """Yield the notices as messages with their kind, and the certificate id as key."""
    bodies: Mapping[str, Any] = {"feed": notices.feed, "email": notices.email, "sms": notices.sms}
    key = notices.certificate_id.encode()
    for kind, body in bodies.items():
        if body is None:
            continue
        value = orjson.dumps({"kind": kind, **body})
        if len(key) + len(value) <= max_message_bytes:
            yield key, value
        else:
            Metrics.counter(_NAMESPACE, f"notice-failed:{ErrorCode.NOTICE_TOO_LARGE}").inc()
            logger.warning(
                "no %s notice of certificate %s: it has %d bytes and --max_message_bytes is %d",
                *(kind, notices.certificate_id, len(key) + len(value), max_message_bytes),
            )
