"""The certificate registry in Sunbird RC (``docs/contracts.md``, "Sunbird RC")."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.foundation.json_values import JsonObject, read_object, read_string
from certbeam.io.clients.http_service import HttpService, open_service
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.uri.address import Address

_PATH = "/api/v1/TrainingCertificate"
_ACTIVE = "ACTIVE"
_NOT_FOUND = 404
_ASYNC_SECONDS = 15.0
"""How long to wait for an entity that RC creates asynchronously."""


def open_rc(address: Address) -> "RcRegistry":
    """Open the entities at ``rc+http(s)://HOST[:PORT]/api/v1/ENTITY``.

    Raises:
        FlagError: if the address is wrong.
    """
    return RcRegistry(open_service("registry", address, _PATH))


class RcRegistry:
    """:class:`~certbeam.io.protocols.Registry` over RC's entities, which are looked up by their ``jsonUrl``.

    RC assigns its own ids, and creates an entity again if it is sent again. So an entity is looked up before it is
    created, and after a request without a response.

    Args:
        service: client of the entity's URL.
        async_seconds: how long to wait for an entity that RC creates asynchronously.
    """

    def __init__(self, service: HttpService, async_seconds: float = _ASYNC_SECONDS) -> None:
        self._service = service
        self._until_created = Retrying(
            retry=retry_if_result(lambda entity: entity is None),
            wait=wait_exponential(multiplier=0.05, max=1.0),
            stop=stop_after_delay(async_seconds),
            retry_error_callback=lambda _: None,
        )

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState | Rejected]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        return self._service.map_or_errors(self._add, entries)

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.Registry`. RC revokes a certificate by deletion of its entity."""
        return self._service.map(self._revoke, revocations)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _add(self, entry: RegistryEntry) -> RegistryState:
        entity = self._find({"eq": entry.json_url}) or self._create(entry)
        status = read_string(entity, "status") or _ACTIVE
        return RegistryState(None if status == _ACTIVE else status.lower())

    def _create(self, entry: RegistryEntry) -> JsonObject:
        body = build_entity(entry)
        try:
            response = self._service.post("", body, idempotent=False)
        except Unavailable:
            # RC may have created the entity before the response was lost.
            entity = self._find({"eq": entry.json_url})
            if entity is None:
                raise
            return entity
        if not response.ok:
            raise self._service.refused(response)
        if _osid(response.result):
            return body
        # In asynchronous mode RC responds with a transaction, and creates the entity later.
        entity = self._until_created(self._find, {"eq": entry.json_url})
        if entity is None:
            raise Unavailable(ErrorCode.REGISTRY_PENDING, f"RC has not created the entity of {entry.id} yet")
        return entity

    def _revoke(self, revocation: Revocation) -> bool:
        entity = self._find({"endsWith": f"/{revocation.id}.json"})
        if revocation.recipient_id is not None:
            recipient_id = read_string(read_object(entity or {}, "recipient"), "id")
            if recipient_id.lower() != revocation.recipient_id.lower():
                return False
        if entity and read_string(entity, "status") not in ("", _ACTIVE):
            return True
        # Sunbird's collection-certificate-generator recorded RC's own id on the enrolment.
        osid = read_string(entity, "osid") if entity else revocation.id
        response = self._service.delete(f"/{quote(osid, safe='')}")
        if not response.ok and response.status != _NOT_FOUND:
            raise self._service.refused(response)
        return response.ok or entity is not None

    def _find(self, json_url: JsonObject) -> JsonObject | None:
        response = self._service.post(
            "/search", {"filters": {"jsonUrl": json_url}, "limit": 1}, idempotent=True
        )
        if not response.ok:
            raise self._service.refused(response)
        # Older versions respond with the list itself.
        entities = response.body.get("data") if isinstance(response.body, Mapping) else response.body
        return entities[0] if entities else None


def build_entity(entry: RegistryEntry) -> dict[str, Any]:
    """Build the entity of a certificate.

    It has no ``issuer.kid``, because Sunbird's collection-certificate-generator writes the first public key of the
    whole registry there for every issuer.
    """
    data, related = orjson.loads(entry.data), orjson.loads(entry.related)
    issuer = data["badge"]["issuer"]
    entity = {
        "certificateLabel": entry.name,
        "status": _ACTIVE,
        "templateUrl": entry.template_url,
        "jsonUrl": entry.json_url,
        "issuedOn": data["issuedOn"],
        "training": {
            "id": read_string(related, "courseId"),
            "name": data["badge"]["name"],
            "type": "Course",
            "batchId": read_string(related, "batchId"),
        },
        "recipient": {"id": orjson.loads(entry.recipient)["id"], "name": data["recipient"]["name"]},
        "issuer": {"url": issuer["url"], "name": issuer["name"]},
        "signatory": [
            {field: signatory[field] for field in ("identity", "designation", "image", "name")}
            for signatory in data["signatory"]
        ],
    }
    return {**entity, "oldId": entry.replaces} if entry.replaces else entity


def _osid(result: JsonObject) -> str:
    """Return the id that RC assigned, which is below the entity's name, or an empty string."""
    return next((osid for name in result if (osid := read_string(read_object(result, name), "osid"))), "")
