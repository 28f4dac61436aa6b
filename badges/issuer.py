"""The issuer and its keys: it signs credentials, assertions and status lists, and publishes its DID document."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from certbeam.badges.award import Award
from certbeam.badges.data_integrity import RDFC, Sign, add_proofs
from certbeam.badges.did_web import build_did, build_multikey, verification_method_id
from certbeam.badges.key_set import (
    PublicKey,
    choose_assertion_key,
    choose_credential_key,
    select_ed25519_keys,
)
from certbeam.badges.ob2_assertion import build_assertion, build_jws_payload, build_key_document
from certbeam.badges.ob3_credential import build_credential
from certbeam.badges.rdf_canonical import Canonicalizer
from certbeam.badges.status_list import (
    RevokedIndexes,
    StatusListEntry,
    build_credential_status,
    build_status_list,
)
from certbeam.badges.timestamps import format_millis
from certbeam.badges.urls import PublishedUrls, key_object_name
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected


class CredentialIssuer:
    """Issuer that signs as the ``did:web`` identifier of ``base_url``. It is safe for concurrent use by threads.

    Args:
        base_url: the URL below which certificates are published.
        keys: the issuer's public keys, oldest first. The newest key of a kind signs unless an event names another.
        sign: signs with the private key of a public key.
        cryptosuites: the cryptosuites of a credential's proofs.

    Raises:
        ValueError: if ``base_url`` has no ``did:web`` identifier.
    """

    def __init__(
        self, base_url: str, keys: Sequence[PublicKey], sign: Sign, cryptosuites: Sequence[str] = (RDFC,)
    ) -> None:
        self.did = build_did(base_url)
        self.keys = tuple(keys)
        self._credential_keys = select_ed25519_keys(keys)
        self.urls = PublishedUrls(base_url)
        self._sign = sign
        self._cryptosuites = tuple(cryptosuites)
        self._canonicalizer = Canonicalizer()

    def sign_credential(self, award: Award, status_entry: StatusListEntry | None) -> bytes:
        """Return the signed Open Badges 3.0 credential of a certificate, as JSON.

        Raises:
            Rejected: ``credential-unsignable``, if the proof would not cover a member of the credential.
        """
        document = build_credential(award, self.urls, issuer=self.did, status_entry=status_entry)
        key = choose_credential_key(self._credential_keys, award.key_id)
        return orjson.dumps(self._add_proofs(document, key, format_millis(award.ets), self._cryptosuites))

    def sign_assertion(self, award: Award, status_entry: StatusListEntry | None) -> dict[str, Any]:
        """Return the Open Badges 2.0 assertion of a certificate with its ``signature``, a compact JWS (RFC 7515).

        The JWS payload has the same content in the form that Open Badges 2.0 requires: see
        :func:`~certbeam.badges.ob2_assertion.build_jws_payload`.
        """
        key = choose_assertion_key(self.keys, award.key_id)
        status = build_credential_status(status_entry, self.urls) if status_entry else None
        document = build_assertion(award, self.urls, key=key, keys=self.keys, credential_status=status)
        jws = self._sign_jws(build_jws_payload(document), key)
        return {
            **document,
            "signature": {
                "type": "JsonWebSignature",
                "creator": self.urls.document(key_object_name(award, key)),
                "signatureValue": jws,
            },
        }

    def build_key_documents(self, award: Award) -> dict[str, dict[str, Any]]:
        """Build the key documents that an assertion's issuer profile refers to, by object name."""
        return {key_object_name(award, key): build_key_document(award, key, self.urls) for key in self.keys}

    def sign_status_list(self, list_number: int, revoked: RevokedIndexes) -> bytes:
        """Return a signed status list, as JSON.

        The proof's ``created`` is the time of the newest revocation, or that of the signing key. So the
        same revocations give the same bytes.
        """
        key = self._credential_keys[-1]
        document = build_status_list(list_number, revoked, issuer=self.did, urls=self.urls)
        created = key.created * 1000 if revoked.last_revoked_at is None else revoked.last_revoked_at
        return orjson.dumps(self._add_proofs(document, key, format_millis(created), (RDFC,)))

    def build_did_documents(self) -> dict[str, dict[str, Any]]:
        """Build the DID document, the issuer profile and the keys as Multikeys, by object name."""
        methods = [build_multikey(self.did, key) for key in self._credential_keys]
        did_document = {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }
        # Each credential names the issuer of its event, and there may be many. So the profile has the name of the host.
        host = urlsplit(self.urls.base_url).netloc
        profile = {"id": self.did, "type": ["Profile"], "name": host, "url": self.urls.base_url}
        multikeys = {
            f"keys/{key.kid}.json": {"@context": "https://w3id.org/security/multikey/v1", **method}
            for key, method in zip(self._credential_keys, methods, strict=True)
        }
        return {"did.json": did_document, "issuer.json": profile, **multikeys}

    def _add_proofs(
        self, document: Mapping[str, Any], key: PublicKey, created: str, cryptosuites: Sequence[str]
    ) -> dict[str, Any]:
        try:
            return add_proofs(
                document,
                cryptosuites,
                key=key,
                verification_method=verification_method_id(self.did, key),
                created=created,
                sign=self._sign,
                canonicalizer=self._canonicalizer,
            )
        except ValueError as error:
            raise Rejected(
                ErrorCode.CREDENTIAL_UNSIGNABLE, f"the credential cannot be signed: {error}"
            ) from error

    def _sign_jws(self, payload: Mapping[str, Any], key: PublicKey) -> str:
        header = orjson.dumps({"alg": key.algorithm, "kid": key.kid})
        signing_input = _base64url(header) + b"." + _base64url(orjson.dumps(payload))
        signature = self._sign(key, signing_input)
        return (signing_input + b"." + _base64url(signature)).decode("ascii")


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
