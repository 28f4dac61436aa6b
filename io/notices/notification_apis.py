"""Notices through the platform's feed and notification APIs (contracts §7)."""

from collections.abc import Sequence

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.http_service import HttpService
from certbeam.io.uri.address import Address
from certbeam.io.uri.service_address import service_address
from certbeam.issuing.notices import Notices

_FEED = "/private/user/feed/v1/create"
_NOTIFICATION = "/v2/notification"
_RETRY_SECONDS = 2.0
"""Short, for certificates wait for their notices, and a notice is not worth much waiting."""


def open_notice_apis(address: Address) -> "NoticeApis":
    """The APIs at ``http(s)://HOST[:PORT][/PREFIX]``; ``api_key_file`` or ``api_key_env`` for the key.

    Raises:
        FlagError: when the address is wrong.
    """
    service = service_address(address, "")
    return NoticeApis(HttpService("notices", service.url, service.headers, retry_seconds=_RETRY_SECONDS))


class NoticeApis:
    """:class:`~certbeam.io.protocols.Notifier` over HTTP; nothing is sent twice."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def send(self, notices: Sequence[Notices]) -> list[Rejected | None]:
        """See :class:`~certbeam.io.protocols.Notifier`."""
        return self._service.each(self._send, notices)

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
            answer = self._service.post(path, body, repeatable=False)
        except Rejected as error:
            return error
        return None if answer.ok else self._service.refused(answer)
