"""Assertions that the platform's encryption service signs with keys of its own (enc-service, contracts §5 and §6.1).

The service signs JSON in a form that it alone knows, and salts it: whether a signature holds, it must be asked. To
everybody else the assertion is a hosted badge of Open Badges 2.0, for there a signed badge is a JWS.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from certbeam.badges.award import Award
from certbeam.badges.key_set import PublicKey
from certbeam.badges.ob2_assertion import assertion
from certbeam.badges.status_list import StatusSlot, status_entry
from certbeam.badges.timestamps import timestamp
from certbeam.badges.urls import Locations, issuer_name, service_key_name
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import read_object, read_string

KIND = "LinkedDataSignature2015"
"""``signature.type`` of such an assertion."""

_NOT_SIGNED = frozenset({"printUri", "signature"})
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_KEY_IN_URL = re.compile(r"/([A-Za-z0-9_-]{1,128})_publicKey\.json")


@dataclass(frozen=True, slots=True)
class ServiceSignature:
    """What the service made of an assertion.

    Attributes:
        key_id: of the service's key.
        value: the signature, as the service writes it.
        public_key: the key as PEM; ``""`` where the service does not tell it.
    """

    key_id: str
    value: str
    public_key: str = ""


def service_key(award: Award, held: Collection[str], default: str) -> str:
    """The service's key for a certificate: ``keys.id`` of the event, else ``default``.

    Args:
        award: of the certificate.
        held: ids of the keys that we hold ourselves: what they are asked for, they sign.
        default: ``""`` where a certificate that names no key is not to be signed.

    Returns:
        The key's id; ``""`` when the service is not to sign.

    Raises:
        Rejected: ``field-invalid``, for an id that could not stand in a URL.
    """
    if award.key_id in held:
        return ""
    key_id = award.key_id or default
    if key_id and not _KEY_ID.fullmatch(key_id):
        raise Rejected(
            ErrorCode.FIELD_INVALID, "edata.keys.id has other characters than letters, digits, _ and -"
        )
    return key_id


def service_assertion(
    award: Award,
    at: Locations,
    key_id: str,
    *,
    keys: Sequence[PublicKey] = (),
    slot: StatusSlot | None = None,
) -> dict[str, Any]:
    """The assertion that the service is to sign: all of it but ``signature`` and ``printUri``.

    Args:
        award: what the certificate says.
        at: where it is published.
        key_id: the service's key.
        keys: our own, which sign the issuer's credentials.
        slot: the certificate's place on a status list, where we sign any.
    """
    status = status_entry(slot, at) if slot else None
    return assertion(award, at, keys=keys, service_key=key_id, credential_status=status)


def with_service_signature(
    document: Mapping[str, Any], award: Award, at: Locations, signature: ServiceSignature
) -> dict[str, Any]:
    """The assertion with its ``signature``; it is dated by the event, not by the hour of the replay."""
    created = datetime.fromtimestamp(award.ets // 1000, timezone.utc)
    return {
        **document,
        "signature": {
            "type": KIND,
            "creator": at.document(service_key_name(award, signature.key_id)),
            "created": timestamp(created),
            "signatureValue": signature.value,
        },
    }


def service_key_documents(
    award: Award, at: Locations, signature: ServiceSignature
) -> dict[str, dict[str, Any]]:
    """The document that ``signature.creator`` leads to, by object name, where the service tells its key."""
    if not signature.public_key:
        return {}
    name = service_key_name(award, signature.key_id)
    return {
        name: {
            "@context": "https://w3id.org/openbadges/v2",
            "id": at.document(name),
            "type": "CryptographicKey",
            "owner": at.document(issuer_name(award)),
            "publicKeyPem": signature.public_key,
        }
    }


def signed_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the service has signed of an assertion."""
    return {name: value for name, value in document.items() if name not in _NOT_SIGNED}


def service_signature_of(document: Mapping[str, Any]) -> ServiceSignature | None:
    """The service's signature in an assertion, None where it has none."""
    signature = read_object(document, "signature")
    key = _KEY_IN_URL.search(read_string(signature, "creator"))
    if signature.get("type") != KIND or key is None:
        return None
    return ServiceSignature(key[1], read_string(signature, "signatureValue"))
