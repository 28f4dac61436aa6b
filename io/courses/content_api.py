"""Courses and contents from the platform's content API (``docs/contracts.md``, "Content API")."""

from collections.abc import Collection, Mapping
from urllib.parse import quote

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.http_service import HttpService, open_service
from certbeam.io.uri.address import Address

_PATH = "/content/v3/read"
_FIELDS = "fields=identifier,name,contentType"
_NOT_FOUND = 404


def open_content_api(address: Address) -> "ContentApi":
    """Open the content API at ``http(s)://HOST[:PORT][/PATH]``.

    Raises:
        FlagError: if the address is wrong.
    """
    return ContentApi(open_service("content", address, _PATH))


class ContentApi:
    """:class:`~certbeam.io.protocols.Courses` over ``GET …/content/v3/read/{contentId}``."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject | Rejected]:
        """See :class:`~certbeam.io.protocols.Courses`."""
        results = zip(ids, self._service.map_or_errors(self._record, ids), strict=True)
        return {content_id: record for content_id, record in results if record is not None}

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _record(self, content_id: str) -> JsonObject | None:
        response = self._service.get(f"/{quote(content_id, safe='')}?{_FIELDS}")
        if response.ok:
            record = response.result.get("content")
            return record if isinstance(record, Mapping) else None
        if response.status == _NOT_FOUND:
            return None
        raise self._service.refused(response)
