"""The platform's encryption service (enc-service, contracts §5), which keeps its keys and signs assertions."""

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
    """An address read.

    Attributes:
        default_key: the service's key for certificates whose event names none; ``""``: they are not signed by it.
        key_set: file of the keys that sign credentials and status lists; ``""`` where there are none.
    """

    service: ServiceAddress
    default_key: str
    key_set: str


def parse_enc_address(address: Address) -> EncAddress:
    """Read ``enc+http(s)://HOST[:PORT][/PATH]?key=ID&key_set=FILE``; see :func:`service_address` for more.

    Raises:
        FlagError: when the address is wrong.
    """
    options = Options(address)
    default_key, key_set = options.take("key"), options.take("key_set")
    return EncAddress(service_address(address, "", options), default_key, key_set)


def open_enc_service(address: Address) -> "EncService":
    """The service at an address.

    Raises:
        FlagError: as :func:`parse_enc_address`.
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

    def sign(self, wanted: Sequence[tuple[str, JsonObject]]) -> list[ServiceSignature | Rejected]:
        """See :class:`~certbeam.io.protocols.AssertionSigner`."""
        return self._service.each(self._settle, wanted)

    def verify(self, signature: ServiceSignature, assertion: JsonObject) -> bool:
        """See :class:`~certbeam.io.protocols.AssertionSigner`."""
        entity = {"claim": assertion, "signatureValue": signature.value, "keyId": signature.key_id}
        answer = self._service.post("/verify", {"entity": entity}, repeatable=True)
        if not answer.ok or not isinstance(answer.body, bool):
            raise self._service.refused(answer)
        return answer.body

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _settle(self, wanted: tuple[str, JsonObject]) -> ServiceSignature | Rejected:
        try:
            return self._sign(*wanted)
        except Rejected as error:
            return error

    def _sign(self, key_id: str, assertion: JsonObject) -> ServiceSignature:
        # A signature has no effect: asking twice gives two that hold.
        answer = self._service.post(f"/sign/{key_id}", {"entity": assertion}, repeatable=True)
        if not answer.ok or not isinstance(answer.body, dict):
            raise self._service.refused(answer)
        value, signed_by = read_string(answer.body, "signatureValue"), read_string(answer.body, "keyId")
        if not value or signed_by != key_id:
            raise Rejected(
                ErrorCode.SIGNING_REFUSED, f"the signing service gave no signature of its key {key_id}"
            )
        return ServiceSignature(key_id, value, self._public_key(key_id))

    def _public_key(self, key_id: str) -> str:
        """The key as PEM; ``""`` where the service does not tell keys, or not this one."""
        if key_id not in self._public_keys:
            answer = self._service.get_text(f"/keys/{key_id}")
            pem = answer.text.strip()
            if answer.ok and pem and not pem.startswith(_PEM):
                raise self._service.refused(answer)
            self._public_keys[key_id] = pem if answer.ok else ""
        return self._public_keys[key_id]
