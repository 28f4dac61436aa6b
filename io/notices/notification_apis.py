"""Notices through the platform's feed and notification APIs (``docs/contracts.md``, "Notifications")."""

from collections.abc import Sequence

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.http_service import HttpService, open_service
from certbeam.io.uri.address import Address
from certbeam.issuing.notices import Notices

_FEED = "/private/user/feed/v1/create"
_NOTIFICATION = "/v2/notification"
_RETRY_SECONDS = 2.0
"""Short, because a batch of certificates is not complete before its notices are sent."""


def open_notice_apis(address: Address) -> "NoticeApis":
    """Open the APIs at ``http(s)://HOST[:PORT][/PREFIX]``.

    Raises:
        FlagError: if the address is wrong.
    """
    return NoticeApis(open_service("notices", address, retry_seconds=_RETRY_SECONDS))


class NoticeApis:
    """:class:`~certbeam.io.protocols.Notifier` over HTTP. A notice that may have been sent is not sent again."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def send(self, notices: Sequence[Notices]) -> list[Rejected | None]:
        """See :class:`~certbeam.io.protocols.Notifier`."""
        return self._service.map(self._send, notices)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _send(self, notices: Notices) -> Rejected | None:
        feed_error = self._post(_FEED, notices.feed)
        mail_error = self._post(_NOTIFICATION, notices.email)
        sms_error = None if mail_error else self._post(_NOTIFICATION, notices.sms)
        return feed_error or mail_error or sms_error

    def _post(self, path: str, body: JsonObject | None) -> Rejected | None:
        if body is None:
            return None
        try:
            response = self._service.post(path, body, idempotent=False)
        except Rejected as error:
            return error
        return None if response.ok else self._service.refused(response)
