"""The issuer with its keys: signed credentials, signed badges, signed status lists and the documents behind them."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import orjson

from certbeam.badges.award import Award
from certbeam.badges.data_integrity import RDFC, Sign, with_proofs
from certbeam.badges.did_web import did_web, multikey_document, verification_method
from certbeam.badges.key_set import PublicKey, ed25519_keys, pick_assertion_key, pick_key
from certbeam.badges.ob2_assertion import assertion, key_document, strict_assertion
from certbeam.badges.ob3_credential import open_badge_credential
from certbeam.badges.rdf_canonical import Canonicalizer
from certbeam.badges.status_list import (
    RevokedPositions,
    StatusSlot,
    status_entry,
    status_list,
)
from certbeam.badges.timestamps import timestamp
from certbeam.badges.urls import Locations, key_name
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected


class CredentialIssuer:
    """Signs in the name of ``did:web`` of ``base_url``; it may be shared by threads.

    Args:
        base_url: where certificates are served.
        keys: the issuer's, oldest first; the newest of its kind signs unless an event names another.
        sign: makes signatures.
        suites: the cryptosuites of a credential's proofs.

    Raises:
        ValueError: when ``base_url`` has no ``did:web``.
    """

    def __init__(
        self, base_url: str, keys: Sequence[PublicKey], sign: Sign, suites: Sequence[str] = (RDFC,)
    ) -> None:
        self.did = did_web(base_url)
        self.keys = tuple(keys)
        self._credential_keys = ed25519_keys(keys)
        self.at = Locations(base_url)
        self._sign = sign
        self._suites = tuple(suites)
        self._canonicalizer = Canonicalizer()

    def credential(self, award: Award, slot: StatusSlot | None) -> bytes:
        """The signed Open Badges 3.0 credential of a certificate, as JSON.

        Raises:
            Rejected: ``credential-unsignable``, when something in it would not be covered by the proof.
        """
        document = open_badge_credential(award, self.at, issuer=self.did, slot=slot)
        key = pick_key(self._credential_keys, award.key_id)
        return orjson.dumps(self._secured(document, key, _moment(award.ets), self._suites))

    def assertion(self, award: Award, slot: StatusSlot | None) -> dict[str, Any]:
        """The Open Badges 2.0 assertion of a certificate, and its ``signature``: a compact JWS (RFC 7515).

        What is signed says the same in the strict form of Open Badges 2.0, with references in place of
        embedded documents; :func:`strict_assertion` makes it.
        """
        key = pick_assertion_key(self.keys, award.key_id)
        status = status_entry(slot, self.at) if slot else None
        document = assertion(award, self.at, key=key, keys=self.keys, credential_status=status)
        token = self._jws(strict_assertion(document), key)
        return {
            **document,
            "signature": {
                "type": "JsonWebSignature",
                "creator": self.at.document(key_name(award, key)),
                "signatureValue": token,
            },
        }

    def key_documents(self, award: Award) -> dict[str, dict[str, Any]]:
        """The documents of all keys, by object name, as the assertion's issuer names them."""
        return {key_name(award, key): key_document(award, key, self.at) for key in self.keys}

    def status_list(self, number: int, revoked: RevokedPositions) -> bytes:
        """A signed status list, as JSON; dated by its newest revocation, else by the key that signs it."""
        key = self._credential_keys[-1]
        document = status_list(number, revoked, issuer=self.did, at=self.at)
        created = key.created * 1000 if revoked.at is None else revoked.at
        return orjson.dumps(self._secured(document, key, _moment(created), (RDFC,)))

    def documents(self) -> dict[str, dict[str, Any]]:
        """The documents that ``did:web`` and its keys lead to, by object name."""
        methods = [multikey_document(self.did, key) for key in self._credential_keys]
        did_document = {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }
        # Many issuers may issue here, each credential naming its own: the profile of the service has its host's name.
        host = urlsplit(self.at.base_url).netloc
        profile = {"id": self.did, "type": ["Profile"], "name": host, "url": self.at.base_url}
        public = {
            f"keys/{key.kid}.json": {"@context": "https://w3id.org/security/multikey/v1", **method}
            for key, method in zip(self._credential_keys, methods, strict=True)
        }
        return {"did.json": did_document, "issuer.json": profile, **public}

    def _secured(
        self, document: Mapping[str, Any], key: PublicKey, created: str, suites: Sequence[str]
    ) -> dict[str, Any]:
        try:
            return with_proofs(
                document,
                suites,
                key=key,
                method=verification_method(self.did, key),
                created=created,
                sign=self._sign,
                canonicalizer=self._canonicalizer,
            )
        except ValueError as error:
            raise Rejected(
                ErrorCode.CREDENTIAL_UNSIGNABLE, f"the credential cannot be signed: {error}"
            ) from error

    def _jws(self, payload: Mapping[str, Any], key: PublicKey) -> str:
        header = orjson.dumps({"alg": key.algorithm, "kid": key.kid})
        signed = _base64url(header) + b"." + _base64url(orjson.dumps(payload))
        return (signed + b"." + _base64url(self._sign(key, signed))).decode("ascii")


def _moment(millis: int) -> str:
    return timestamp(datetime.fromtimestamp(millis // 1000, timezone.utc))


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
