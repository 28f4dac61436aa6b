"""The platform's certificate-registry API (``docs/contracts.md``, "Certificate-registry API")."""

from collections.abc import Sequence
from typing import Any

import orjson

from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.errors import Rejected
from certbeam.io.clients.http_service import HttpService, ServiceResponse, open_service
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.uri.address import Address

_PATH = "/certs/v2/registry/add"
_CLIENT_ERROR = 400
_EXISTS = "exist"
"""Part of the error message for an id that exists already."""


def open_certreg(address: Address) -> "CertregRegistry":
    """Open the API at ``certreg+http(s)://HOST[:PORT][/PATH]``.

    Raises:
        FlagError: if the address is wrong.
    """
    return CertregRegistry(open_service("registry", address, _PATH))


class CertregRegistry:
    """:class:`~certbeam.io.protocols.Registry` over ``POST …/certs/v2/registry/add``.

    The API removes a certificate if the new one names it as ``oldId``. It has no other way to revoke one.
    """

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState | Rejected]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        return self._service.map_or_errors(self._add, entries)

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """Do nothing, because only a new certificate revokes one.

        Returns:
            True for each revocation without a learner: the certificate was on its learner's list, so that the new one
            has removed it. False for the others, because the API does not report whose they are.
        """
        return [revocation.recipient_id is None for revocation in revocations]

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _add(self, entry: RegistryEntry) -> RegistryState:
        # The API adds an id only once, so the request is idempotent.
        response = self._service.post("", build_request(entry), idempotent=True)
        if not response.ok and entry.replaces and not _exists(response):
            # The old certificate is unknown to the API, or another learner's: leave it out.
            response = self._service.post("", build_request(entry, replacing=False), idempotent=True)
        if response.ok or _exists(response):
            return RegistryState(None)
        raise self._service.refused(response)


def build_request(entry: RegistryEntry, *, replacing: bool = True) -> dict[str, Any]:
    """Build the body of the request that adds a certificate.

    Args:
        entry: the certificate.
        replacing: False to leave out the certificate that it replaces.
    """
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


def _exists(response: ServiceResponse) -> bool:
    return response.status == _CLIENT_ERROR and _EXISTS in response.text.lower()
