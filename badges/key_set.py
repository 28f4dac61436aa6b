"""The issuer's key set: a JSON Web Key Set with signing keys and the key of the access codes.

Ed25519 keys sign credentials. They also sign Open Badges 2.0 assertions if the set has no RSA key. Verifiers of
assertions must support RS256 and may support other algorithms (Open Badges 2.0, verification of signed badges).
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError
from nacl.signing import SigningKey

from certbeam.badges.multibase import encode_base58btc
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

_ED25519_PUBLIC = b"\xed\x01"
"""The multicodec of Ed25519 public keys (W3C Controlled Identifiers §2.2.2)."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")

ACCESS_CODE_KEY_ID = "access-codes"
"""The key id of the symmetric key from which access codes are derived."""

_MIN_SECRET_BYTES = 16
_MIN_RSA_BITS = 2048

PrivateKey = SigningKey | RSAPrivateKey
"""An Ed25519 or RSA private key."""


@dataclass(frozen=True)
class PublicKey:
    """The public half of a signing key.

    Attributes:
        kid: the key id, unique among the issuer's keys.
        raw: the 32 bytes of an Ed25519 public key (RFC 8032), or the SubjectPublicKeyInfo of an RSA key in DER.
        created: the time of its creation, in seconds since 1970.
        algorithm: the signature algorithm, by its JOSE name.
    """

    kid: str
    raw: bytes
    created: int
    algorithm: Literal["EdDSA", "RS256"] = "EdDSA"

    @cached_property
    def multikey(self) -> str:
        """The ``publicKeyMultibase`` of an Ed25519 key."""
        return encode_base58btc(_ED25519_PUBLIC + self.raw)

    @cached_property
    def pem(self) -> str:
        """The ``publicKeyPem`` of the key: its SubjectPublicKeyInfo as PEM."""
        is_rsa = self.algorithm == "RS256"
        key = load_der_public_key(self.raw) if is_rsa else Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


@dataclass(frozen=True)
class KeySet:
    """A parsed key set.

    Attributes:
        public: the public keys, oldest first. The last key of a kind signs.
        private: the private keys, by key id.
        access_code_key: the secret key of the access codes; None if the set has none.
        base_url: the base URL of the issuer; ``""`` if the set does not name it.
    """

    public: tuple[PublicKey, ...]
    private: Mapping[str, PrivateKey]
    access_code_key: bytes | None
    base_url: str


def parse_key_set(text: bytes) -> KeySet:
    """Parse a JWK set (RFC 7517, RFC 8037).

    Raises:
        Rejected: ``key-set-invalid``. The message says what is wrong and never quotes the key set.
    """
    try:
        members = orjson.loads(text)
        jwks = members["keys"]
        pairs = sorted(
            (_JWK_PARSERS[jwk["kty"]](jwk) for jwk in jwks if jwk["kty"] != "oct"),
            key=lambda pair: pair[0].created,
        )
        secrets = [
            _decode(jwk["k"]) for jwk in jwks if jwk["kty"] == "oct" and jwk["kid"] == ACCESS_CODE_KEY_ID
        ]
    except (ValueError, KeyError, TypeError, AttributeError, InvalidKeyError) as error:
        raise _invalid("it is not a JWK set as written by 'certbeam keys new'") from error
    public = tuple(key for key, _ in pairs)
    if not select_ed25519_keys(public):
        raise _invalid("it has no Ed25519 key")
    if len({key.kid for key in public}) < len(public):
        raise _invalid("two keys have the same kid")
    if secrets and len(secrets[0]) < _MIN_SECRET_BYTES:
        raise _invalid(f"the key of the access codes has fewer than {_MIN_SECRET_BYTES} bytes")
    private = {key.kid: secret for key, secret in pairs}
    return KeySet(public, private, secrets[0] if secrets else None, str(members.get("base_url", "")))


def new_key_set(base_url: str, *, seed: bytes, secret: bytes, created: int) -> bytes:
    """Return a JWK set with one Ed25519 key and the key of the access codes.

    Args:
        base_url: the URL below which certificates are published.
        seed: the Ed25519 private key, 32 random bytes.
        secret: the key of the access codes, random bytes.
        created: the time of creation, in seconds since 1970.
    """
    access_code_jwk = {"kty": "oct", "kid": ACCESS_CODE_KEY_ID, "k": _encode(secret)}
    return _serialise({"base_url": base_url, "keys": [_ed25519_jwk(seed, created), access_code_jwk]})


def add_ed25519_key(text: bytes, *, seed: bytes, created: int) -> bytes:
    """Return a JWK set with a new Ed25519 key, which signs from now on. The older keys remain published.

    Raises:
        Rejected: ``key-set-invalid``.
    """
    return _add_key(text, lambda created_at: _ed25519_jwk(seed, created_at), created)


def add_rsa_key(text: bytes, private: RSAPrivateKey, *, created: int) -> bytes:
    """Return a JWK set with a new RSA key, which signs Open Badges 2.0 assertions from now on.

    Raises:
        Rejected: ``key-set-invalid``.
    """
    return _add_key(text, lambda created_at: _rsa_jwk(private, created_at), created)


def select_ed25519_keys(keys: Sequence[PublicKey]) -> tuple[PublicKey, ...]:
    """Return the Ed25519 keys, which sign credentials."""
    return tuple(key for key in keys if key.algorithm == "EdDSA")


def choose_credential_key(keys: Sequence[PublicKey], key_id: str) -> PublicKey:
    """Return the key that signs a credential.

    Args:
        keys: the Ed25519 keys, oldest first.
        key_id: ``keys.id`` of the event, or ``""``. If no key has this id, the newest key signs.
    """
    return next((key for key in keys if key.kid == key_id), keys[-1])


def choose_assertion_key(keys: Sequence[PublicKey], key_id: str) -> PublicKey:
    """Return the key that signs an Open Badges 2.0 assertion.

    Args:
        keys: all signing keys, oldest first.
        key_id: ``keys.id`` of the event, or ``""``. If no key has this id, the newest RSA key signs; without RSA keys,
            the newest Ed25519 key.
    """
    requested = [key for key in keys if key.kid == key_id]
    return (requested or [key for key in keys if key.algorithm == "RS256"] or keys)[-1]


def sign(private: PrivateKey, message: bytes) -> bytes:
    """Sign a message with Ed25519 (RFC 8032) or RSASSA-PKCS1-v1_5 with SHA-256; both are deterministic."""
    if isinstance(private, SigningKey):
        return private.sign(message).signature
    return private.sign(message, PKCS1v15(), SHA256())


def _add_key(text: bytes, build_jwk: Callable[[int], dict[str, Any]], created: int) -> bytes:
    newest = parse_key_set(text).public[-1]
    members = orjson.loads(text)
    # The newest key signs, so the new key must be the newest, even if the clock was set back.
    members["keys"].append(build_jwk(max(created, newest.created + 1)))
    return _serialise(members)


def _parse_ed25519_jwk(jwk: Mapping[str, Any]) -> tuple[PublicKey, PrivateKey]:
    if jwk["crv"] != "Ed25519" or not _KEY_ID.fullmatch(jwk["kid"]):
        raise ValueError("not an Ed25519 key with a kid of letters, digits, - and _")
    private = SigningKey(_decode(jwk["d"]))
    raw = bytes(private.verify_key)
    if raw != _decode(jwk["x"]):
        raise ValueError("x does not belong to d")
    return PublicKey(jwk["kid"], raw, int(jwk.get("iat", 0))), private


def _parse_rsa_jwk(jwk: Mapping[str, Any]) -> tuple[PublicKey, PrivateKey]:
    private = RSAAlgorithm.from_jwk(dict(jwk))
    if not isinstance(private, RSAPrivateKey) or private.key_size < _MIN_RSA_BITS:
        raise ValueError(f"not a private RSA key of {_MIN_RSA_BITS} bits or more")
    if not _KEY_ID.fullmatch(jwk["kid"]):
        raise ValueError("a kid has letters, digits, - and _")
    raw = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(jwk["kid"], raw, int(jwk.get("iat", 0)), "RS256"), private


_JWK_PARSERS = {"OKP": _parse_ed25519_jwk, "RSA": _parse_rsa_jwk}


def _rsa_jwk(private: RSAPrivateKey, created: int) -> dict[str, Any]:
    jwk = RSAAlgorithm.to_jwk(private, as_dict=True)
    # RFC 7638: the thumbprint is over these members in this order.
    thumbprint = sha256(orjson.dumps({name: jwk[name] for name in ("e", "kty", "n")})).digest()
    jwk.pop("key_ops", None)
    return {**jwk, "alg": "RS256", "use": "sig", "kid": _encode(thumbprint), "iat": created}


def _ed25519_jwk(seed: bytes, created: int) -> dict[str, Any]:
    x = _encode(bytes(SigningKey(seed).verify_key))
    # RFC 7638: the thumbprint is over these members in this order.
    thumbprint = sha256(orjson.dumps({"crv": "Ed25519", "kty": "OKP", "x": x})).digest()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": _encode(thumbprint),
        "iat": created,
        "x": x,
        "d": _encode(seed),
    }


def _invalid(reason: str) -> Rejected:
    return Rejected(ErrorCode.KEY_SET_INVALID, f"the key set cannot be used: {reason}")


def _serialise(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, indent=2).encode() + b"\n"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
