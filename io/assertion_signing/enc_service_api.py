"""The platform's enc-service, which signs assertions with its own keys (``docs/contracts.md``, "enc-service")."""

from collections.abc import Sequence
from dataclasses import dataclass

from certbeam.badges.enc_service import ServiceSignature
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, read_string
from certbeam.io.clients.http_service import HttpService
from certbeam.io.uri.address import Address
from certbeam.io.uri.options import Options
from certbeam.io.uri.service_address import ServiceAddress, service_address

_PEM = "-----BEGIN PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class EncAddress:
    """Parsed address of an enc-service.

    Attributes:
        service: URL and headers.
        default_key: id of the key for certificates whose event names none; an empty string to not sign those.
        key_set: file of the keys that sign credentials and status lists; an empty string for no key set.
    """

    service: ServiceAddress
    default_key: str
    key_set: str


def parse_enc_address(address: Address) -> EncAddress:
    """Parse ``enc+http(s)://HOST[:PORT][/PATH]?key=ID&key_set=FILE``; :func:`service_address` has more options.

    Raises:
        FlagError: if the address is wrong.
    """
    options = Options(address)
    default_key, key_set = options.take("key"), options.take("key_set")
    return EncAddress(service_address(address, "", options), default_key, key_set)


def open_enc_service(address: Address) -> "EncService":
    """Open the service at an address; see :func:`parse_enc_address`.

    Raises:
        FlagError: if the address is wrong.
    """
    parsed = parse_enc_address(address)
    return EncService(HttpService("signing", parsed.service.url, parsed.service.headers), parsed.default_key)


class EncService:
    """:class:`~certbeam.io.protocols.AssertionSigner` over ``POST /sign/ID``, ``POST /verify`` and ``GET /keys/ID``."""

    def __init__(self, service: HttpService, default_key: str = "") -> None:
        self._service = service
        self._default_key = default_key
        self._public_keys: dict[str, str] = {}

    @property
    def default_key(self) -> str:
        """See :class:`~certbeam.io.protocols.AssertionSigner`."""
        return self._default_key

    def sign(self, requests: Sequence[tuple[str, JsonObject]]) -> list[ServiceSignature | Rejected]:
        """See :class:`~certbeam.io.protocols.AssertionSigner`."""
        return self._service.map_or_errors(self._sign, requests)

    def verify(self, signature: ServiceSignature, assertion: JsonObject) -> bool:
        """See :class:`~certbeam.io.protocols.AssertionSigner`."""
        entity = {"claim": assertion, "signatureValue": signature.value, "keyId": signature.key_id}
        response = self._service.post("/verify", {"entity": entity}, idempotent=True)
        if not response.ok or not isinstance(response.body, bool):
            raise self._service.refused(response)
        return response.body

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _sign(self, request: tuple[str, JsonObject]) -> ServiceSignature:
        key_id, assertion = request
        # The service stores nothing, so a repeated request gives another valid signature.
        response = self._service.post(f"/sign/{key_id}", {"entity": assertion}, idempotent=True)
        if not response.ok or not isinstance(response.body, dict):
            raise self._service.refused(response)
        value, signed_by = read_string(response.body, "signatureValue"), read_string(response.body, "keyId")
        if not value or signed_by != key_id:
            raise Rejected(
                ErrorCode.SIGNING_REFUSED, f"the signing service returned no signature with its key {key_id}"
            )
        return ServiceSignature(key_id, value, self._public_key(key_id))

    def _public_key(self, key_id: str) -> str:
        """Return the public key as PEM; an empty string if the service does not publish it."""
        if key_id not in self._public_keys:
            response = self._service.get_text(f"/keys/{key_id}")
            pem = response.text.strip()
            if response.ok and pem and not pem.startswith(_PEM):
                raise self._service.refused(response)
            self._public_keys[key_id] = pem if response.ok else ""
        return self._public_keys[key_id]
