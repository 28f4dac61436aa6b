"""Assertions that Sunbird's enc-service signs with keys of its own (docs/contracts.md, "enc-service" and "Assertion").

The service serialises and salts the JSON in a way of its own, so only the service can verify its signatures. Open
Badges 2.0 has no such signature: a signed badge is a JWS there. To other verifiers the assertion is a hosted badge.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from certbeam.badges.award import Award
from certbeam.badges.key_set import PublicKey
from certbeam.badges.ob2_assertion import build_assertion
from certbeam.badges.status_list import StatusListEntry, build_credential_status
from certbeam.badges.timestamps import format_millis
from certbeam.badges.urls import PublishedUrls, issuer_object_name, service_key_object_name
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import read_object, read_string

SIGNATURE_TYPE = "LinkedDataSignature2015"
"""``signature.type`` of an assertion that the enc-service signs."""

_UNSIGNED_MEMBERS = frozenset({"printUri", "signature"})
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_KEY_ID_IN_URL = re.compile(r"/([A-Za-z0-9_-]{1,128})_publicKey\.json")


@dataclass(frozen=True, slots=True)
class ServiceSignature:
    """A signature of the enc-service over an assertion.

    Attributes:
        key_id: the id of the service's key.
        value: the signature, as the service returns it.
        public_key: the public key as PEM; ``""`` if the service does not return it.
    """

    key_id: str
    value: str
    public_key: str = ""


def choose_service_key(award: Award, own_key_ids: Collection[str], default: str) -> str:
    """Return the id of the service's key that signs an assertion: ``keys.id`` of the event, else ``default``.

    Args:
        award: the award of the certificate.
        own_key_ids: the ids of the keys in the issuer's own key set. If the event names one of them, the service
            does not sign.
        default: the key of certificates whose event names none; ``""`` if these are not signed.

    Returns:
        The key id, or ``""`` if the service does not sign.

    Raises:
        Rejected: ``field-invalid``, if the key id is not safe in a URL.
    """
    if award.key_id in own_key_ids:
        return ""
    key_id = award.key_id or default
    if key_id and not _KEY_ID.fullmatch(key_id):
        raise Rejected(
            ErrorCode.FIELD_INVALID, "edata.keys.id has other characters than letters, digits, _ and -"
        )
    return key_id


def build_service_assertion(
    award: Award,
    urls: PublishedUrls,
    key_id: str,
    *,
    keys: Sequence[PublicKey] = (),
    status_entry: StatusListEntry | None = None,
) -> dict[str, Any]:
    """Build the assertion that the service signs: without ``signature`` and ``printUri``.

    Args:
        award: the award of the certificate.
        urls: the URLs of published documents.
        key_id: the id of the service's key.
        keys: the issuer's own keys, which sign its credentials.
        status_entry: the certificate's status list entry, if the issuer signs status lists.
    """
    status = build_credential_status(status_entry, urls) if status_entry else None
    return build_assertion(award, urls, keys=keys, service_key_id=key_id, credential_status=status)


def add_service_signature(
    document: Mapping[str, Any], award: Award, urls: PublishedUrls, signature: ServiceSignature
) -> dict[str, Any]:
    """Return the assertion with its ``signature``.

    The signature's ``created`` is the time of the event, so that a replay writes the same time.
    """
    return {
        **document,
        "signature": {
            "type": SIGNATURE_TYPE,
            "creator": urls.document(service_key_object_name(award, signature.key_id)),
            "created": format_millis(award.ets),
            "signatureValue": signature.value,
        },
    }


def build_service_key_documents(
    award: Award, urls: PublishedUrls, signature: ServiceSignature
) -> dict[str, dict[str, Any]]:
    """Build the key document at the URL ``signature.creator``, by object name.

    Returns:
        One document; none if the service does not return its public key.
    """
    if not signature.public_key:
        return {}
    name = service_key_object_name(award, signature.key_id)
    return {
        name: {
            "@context": "https://w3id.org/openbadges/v2",
            "id": urls.document(name),
            "type": "CryptographicKey",
            "owner": urls.document(issuer_object_name(award)),
            "publicKeyPem": signature.public_key,
        }
    }


def signed_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an assertion that the service's signature covers."""
    return {name: value for name, value in document.items() if name not in _UNSIGNED_MEMBERS}


def parse_service_signature(document: Mapping[str, Any]) -> ServiceSignature | None:
    """Parse the enc-service's signature in an assertion; None if there is none."""
    signature = read_object(document, "signature")
    key_id = _KEY_ID_IN_URL.search(read_string(signature, "creator"))
    if signature.get("type") != SIGNATURE_TYPE or key_id is None:
        return None
    return ServiceSignature(key_id[1], read_string(signature, "signatureValue"))
