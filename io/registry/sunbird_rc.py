"""The certificate registry in Sunbird RC (contracts §6.3)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.foundation.json_values import JsonObject, read_object, read_string
from certbeam.io.clients.http_service import HttpService
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.uri.address import Address
from certbeam.io.uri.service_address import service_address

ADDRESS = "rc+http(s)://HOST/api/v1/ENTITY"

_PATH = "/api/v1/TrainingCertificate"
_ACTIVE = "ACTIVE"
_GONE = 404
_ASYNC_SECONDS = 15.0
"""How long an entity that RC makes in the background is waited for."""


def open_rc(address: Address) -> "RcRegistry":
    """The entities at ``rc+http(s)://HOST[:PORT]/api/v1/ENTITY``; ``api_key_file`` or ``api_key_env`` for the key.

    Raises:
        FlagError: when the address is wrong.
    """
    service = service_address(address, _PATH)
    return RcRegistry(HttpService("registry", service.url, service.headers))


class RcRegistry:
    """:class:`~certbeam.io.protocols.Registry` over RC's entities, which are found by their ``jsonUrl``.

    RC gives its own ids and takes the same entity twice. So every entity is looked for before it is made, and
    after a request whose end is not known.
    """

    def __init__(self, service: HttpService, async_seconds: float = _ASYNC_SECONDS) -> None:
        self._service = service
        self._await = Retrying(
            retry=retry_if_result(lambda found: found is None),
            wait=wait_exponential(multiplier=0.05, max=1.0),
            stop=stop_after_delay(async_seconds),
            retry_error_callback=lambda _: None,
        )

    def add(self, entries: Sequence[RegistryEntry]) -> list[RegistryState | Rejected]:
        """See :class:`~certbeam.io.protocols.Registry`."""
        return self._service.each(self._settle, entries)

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.Registry`; RC revokes a credential by the deletion of its entity."""
        return self._service.each(self._revoke, revocations)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _settle(self, entry: RegistryEntry) -> RegistryState | Rejected:
        try:
            return self._add(entry)
        except Rejected as error:
            return error

    def _add(self, entry: RegistryEntry) -> RegistryState:
        found = self._find({"eq": entry.json_url}) or self._create(entry)
        status = read_string(found, "status") or _ACTIVE
        return RegistryState(None if status == _ACTIVE else status.lower())

    def _create(self, entry: RegistryEntry) -> JsonObject:
        body = create_request(entry)
        try:
            answer = self._service.post("", body, repeatable=False)
        except Unavailable:
            # It may have been made before the answer was lost.
            made = self._find({"eq": entry.json_url})
            if made is None:
                raise
            return made
        if not answer.ok:
            raise self._service.refused(answer)
        if _osid(answer.result):
            return body
        # In its asynchronous mode RC answers with a transaction and makes the entity later.
        made = self._await(self._find, {"eq": entry.json_url})
        if made is None:
            raise Unavailable(ErrorCode.REGISTRY_PENDING, f"RC has not made the entity of {entry.id} yet")
        return made

    def _revoke(self, revocation: Revocation) -> bool:
        found = self._find({"endsWith": f"/{revocation.id}.json"})
        if revocation.recipient_id is not None:
            held_by = read_string(read_object(found or {}, "recipient"), "id")
            if held_by.lower() != revocation.recipient_id.lower():
                return False
        if found and read_string(found, "status") not in ("", _ACTIVE):
            return True
        # What the reference recorded on an enrolment is RC's own id.
        identifier = read_string(found, "osid") if found else revocation.id
        answer = self._service.delete(f"/{quote(identifier, safe='')}")
        if not answer.ok and answer.status != _GONE:
            raise self._service.refused(answer)
        return answer.ok or found is not None

    def _find(self, json_url: JsonObject) -> JsonObject | None:
        answer = self._service.post(
            "/search", {"filters": {"jsonUrl": json_url}, "limit": 1}, repeatable=True
        )
        if not answer.ok:
            raise self._service.refused(answer)
        # Older versions answer with the list itself.
        entities = answer.body.get("data") if isinstance(answer.body, Mapping) else answer.body
        return entities[0] if entities else None


def create_request(entry: RegistryEntry) -> dict[str, Any]:
    """The entity of a certificate.

    Without an ``issuer.kid``: the reference takes the first public key of the whole registry for every issuer.
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
            {field: one[field] for field in ("identity", "designation", "image", "name")}
            for one in data["signatory"]
        ],
    }
    return {**entity, "oldId": entry.replaces} if entry.replaces else entity


def _osid(result: JsonObject) -> str:
    """The id that RC gave, under the entity's name."""
    return next((found for name in result if (found := read_string(read_object(result, name), "osid"))), "")
