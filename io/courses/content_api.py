"""The courses and contents, from the platform's content API (contracts §4, §5)."""

from collections.abc import Collection, Mapping
from urllib.parse import quote

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.http_service import HttpService
from certbeam.io.uri.address import Address
from certbeam.io.uri.service_address import service_address

_PATH = "/content/v3/read"
_FIELDS = "fields=identifier,name,contentType"
_NOT_THERE = 404


def open_content_api(address: Address) -> "ContentApi":
    """The content API at ``http(s)://HOST[:PORT][/PATH]``; production's path stands in where there is none.

    Raises:
        FlagError: when the address is wrong.
    """
    service = service_address(address, _PATH)
    return ContentApi(HttpService("content", service.url, service.headers))


class ContentApi:
    """:class:`~certbeam.io.protocols.Courses` over ``GET …/content/v3/read/{contentId}``."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject | Rejected]:
        """See :class:`~certbeam.io.protocols.Courses`."""
        found = zip(ids, self._service.each(self._record, ids), strict=True)
        return {one: record for one, record in found if record is not None}

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _record(self, identifier: str) -> JsonObject | Rejected | None:
        try:
            answer = self._service.get(f"/{quote(identifier, safe='')}?{_FIELDS}")
        except Rejected as error:
            return error
        if answer.ok:
            record = answer.result.get("content")
            return record if isinstance(record, Mapping) else None
        return None if answer.status == _NOT_THERE else self._service.refused(answer)
