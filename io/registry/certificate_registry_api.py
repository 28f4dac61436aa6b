"""The certificate registry behind the platform's certificate-registry API (contracts §6.2)."""

from collections.abc import Sequence
from typing import Any

import orjson

from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.errors import Rejected
from certbeam.io.clients.http_service import Answer, HttpService
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.uri.address import Address
from certbeam.io.uri.service_address import service_address

_PATH = "/certs/v2/registry/add"
_CLIENT_ERROR = 400
_EXISTS = "exist"
"""In the message of the error for an id that is there already."""


def open_certreg(address: Address) -> "CertregRegistry":
    """The API at ``certreg+http(s)://HOST[:PORT][/PATH]``; production's path stands in where there is none.

    Raises:
        FlagError: when the address is wrong.
    """
    service = service_address(address, _PATH)
    return CertregRegistry(HttpService("registry", service.url, service.headers))


class CertregRegistry:
    """:class:`~certbeam.io.protocols.Registry` over ``POST …/certs/v2/registry/add``.

    The API takes an old certificate away when the new one names it as ``oldId``; it has no other way to revoke.
    """

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState | Rejected]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        return self._service.each(self._settle, entries)

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """Nothing, see the class: those on the learner's own list are gone, of others only the API knows."""
        return [one.recipient_id is None for one in revocations]

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _settle(self, entry: RegistryEntry) -> RegistryState | Rejected:
        try:
            return self._add(entry)
        except Rejected as error:
            return error

    def _add(self, entry: RegistryEntry) -> RegistryState:
        # An id is taken once, so that the same request may be sent again.
        answer = self._service.post("", add_request(entry), repeatable=True)
        if not answer.ok and entry.replaces and not _is_there(answer):
            # The old certificate is not known there, or another learner's: it is left alone.
            answer = self._service.post("", add_request(entry, replacing=False), repeatable=True)
        if answer.ok or _is_there(answer):
            return RegistryState(None)
        raise self._service.refused(answer)


def add_request(entry: RegistryEntry, *, replacing: bool = True) -> dict[str, Any]:
    """The body of the request that adds a certificate."""
    data, recipient = orjson.loads(entry.data), orjson.loads(entry.recipient)
    request = {
        "id": entry.id,
        "jsonUrl": entry.json_url,
        "jsonData": data,
        "accessCode": entry.access_code,
        "recipientName": data["recipient"]["name"],
        "recipientId": recipient["id"],
        "related": orjson.loads(entry.related),
    }
    if replacing and entry.replaces:
        request["oldId"] = entry.replaces
    return {"request": request}


def _is_there(answer: Answer) -> bool:
    return answer.status == _CLIENT_ERROR and _EXISTS in answer.text.lower()
