"""The issuer's keys: a JSON Web Key Set, and its public half as verifiers read it.

Ed25519 keys sign credentials, and Open Badges 2.0 assertions too, unless there is an RSA key: verifiers of these
must know RS256, and may know others (Open Badges 2.0, verification of signed badges).
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

from certbeam.badges.multibase import base58btc
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

_ED25519_PUBLIC = b"\xed\x01"
"""The multicodec of Ed25519 public keys (W3C Controlled Identifiers §2.2.2)."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
ACCESS_CODES = "access-codes"
"""The id of the symmetric key that access codes are made with."""

_MIN_SECRET_BYTES = 16
_MIN_RSA_BITS = 2048

PrivateKey = SigningKey | RSAPrivateKey
"""One of Ed25519, or of RSA."""


@dataclass(frozen=True)
class PublicKey:
    """A key as the world may know it.

    Attributes:
        kid: its id, unique among the issuer's keys.
        raw: the 32 bytes of an Ed25519 public key (RFC 8032); of an RSA key, its SubjectPublicKeyInfo in DER.
        created: when it was made, seconds since 1970.
        algorithm: what it signs with, by its name in JOSE.
    """

    kid: str
    raw: bytes
    created: int
    algorithm: Literal["EdDSA", "RS256"] = "EdDSA"

    @cached_property
    def multikey(self) -> str:
        """An Ed25519 key as ``publicKeyMultibase``."""
        return base58btc(_ED25519_PUBLIC + self.raw)

    @cached_property
    def pem(self) -> str:
        """The key as ``publicKeyPem`` (SubjectPublicKeyInfo)."""
        is_rsa = self.algorithm == "RS256"
        key = load_der_public_key(self.raw) if is_rsa else Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


@dataclass(frozen=True)
class KeySet:
    """A parsed key set.

    Attributes:
        public: the keys, oldest first; the last one of its kind signs.
        private: the private keys, by id.
        access_code_key: the secret of the access codes; None where the set has none.
        base_url: the URL that the keys were made for; "" where the set does not say.
    """

    public: tuple[PublicKey, ...]
    private: Mapping[str, PrivateKey]
    access_code_key: bytes | None
    base_url: str


def parse_key_set(text: bytes) -> KeySet:
    """Read a JWK set (RFC 7517, RFC 8037).

    Raises:
        Rejected: ``key-set-invalid``, saying what is wrong and never quoting it.
    """
    try:
        members = orjson.loads(text)
        jwks = members["keys"]
        pairs = sorted(
            (_KEY_TYPES[jwk["kty"]](jwk) for jwk in jwks if jwk["kty"] != "oct"),
            key=lambda pair: pair[0].created,
        )
        secrets = [_decode(jwk["k"]) for jwk in jwks if jwk["kty"] == "oct" and jwk["kid"] == ACCESS_CODES]
    except (ValueError, KeyError, TypeError, AttributeError, InvalidKeyError) as error:
        raise _invalid("it is not a JWK set as 'certbeam keys new' makes it") from error
    public = tuple(key for key, _ in pairs)
    if not ed25519_keys(public):
        raise _invalid("it holds no Ed25519 key")
    if len({key.kid for key in public}) < len(public):
        raise _invalid("two keys have the same kid")
    if secrets and len(secrets[0]) < _MIN_SECRET_BYTES:
        raise _invalid(f"the key of the access codes has fewer than {_MIN_SECRET_BYTES} bytes")
    private = {key.kid: secret for key, secret in pairs}
    return KeySet(public, private, secrets[0] if secrets else None, str(members.get("base_url", "")))


def new_key_set(base_url: str, *, seed: bytes, secret: bytes, created: int) -> bytes:
    """A JWK set of one Ed25519 key and the key of the access codes.

    Args:
        base_url: where certificates are served.
        seed: 32 random bytes, the private key.
        secret: random bytes for the access codes.
        created: seconds since 1970.
    """
    codes = {"kty": "oct", "kid": ACCESS_CODES, "k": _encode(secret)}
    return _written({"base_url": base_url, "keys": [_jwk(seed, created), codes]})


def with_new_key(text: bytes, *, seed: bytes, created: int) -> bytes:
    """A JWK set with one more Ed25519 key, which signs from now on; the others stay, to be published.

    Raises:
        Rejected: ``key-set-invalid``.
    """
    return _with_key(text, lambda at: _jwk(seed, at), created)


def with_rsa_key(text: bytes, private: RSAPrivateKey, *, created: int) -> bytes:
    """A JWK set with an RSA key, which signs Open Badges 2.0 assertions from now on.

    Raises:
        Rejected: ``key-set-invalid``.
    """
    return _with_key(text, lambda at: _rsa_jwk(private, at), created)


def ed25519_keys(keys: Sequence[PublicKey]) -> tuple[PublicKey, ...]:
    """The keys that can sign credentials."""
    return tuple(key for key in keys if key.algorithm == "EdDSA")


def pick_key(keys: Sequence[PublicKey], key_id: str) -> PublicKey:
    """The key that an event asks for by ``keys.id``; the newest where it asks for none, or for one not held here."""
    return next((key for key in keys if key.kid == key_id), keys[-1])


def pick_assertion_key(keys: Sequence[PublicKey], key_id: str) -> PublicKey:
    """The same, for Open Badges 2.0 assertions: of the newest keys, an RSA key goes before an Ed25519 one."""
    asked = [key for key in keys if key.kid == key_id]
    return (asked or [key for key in keys if key.algorithm == "RS256"] or keys)[-1]


def sign(private: PrivateKey, message: bytes) -> bytes:
    """The signature of a message, the same every time: Ed25519 (RFC 8032) or RSASSA-PKCS1-v1_5 with SHA-256."""
    if isinstance(private, SigningKey):
        return private.sign(message).signature
    return private.sign(message, PKCS1v15(), SHA256())


def _with_key(text: bytes, jwk: Callable[[int], dict[str, Any]], created: int) -> bytes:
    newest = parse_key_set(text).public[-1]
    members = orjson.loads(text)
    # The newest key signs: it must be newer, even when the clock went backwards.
    members["keys"].append(jwk(max(created, newest.created + 1)))
    return _written(members)


def _ed25519_key(jwk: Mapping[str, Any]) -> tuple[PublicKey, PrivateKey]:
    if jwk["crv"] != "Ed25519" or not _KEY_ID.fullmatch(jwk["kid"]):
        raise ValueError("not an Ed25519 key with a kid of letters, digits, - and _")
    private = SigningKey(_decode(jwk["d"]))
    raw = bytes(private.verify_key)
    if raw != _decode(jwk["x"]):
        raise ValueError("x does not belong to d")
    return PublicKey(jwk["kid"], raw, int(jwk.get("iat", 0))), private


def _rsa_key(jwk: Mapping[str, Any]) -> tuple[PublicKey, PrivateKey]:
    private = RSAAlgorithm.from_jwk(dict(jwk))
    if not isinstance(private, RSAPrivateKey) or private.key_size < _MIN_RSA_BITS:
        raise ValueError(f"not a private RSA key of {_MIN_RSA_BITS} bits or more")
    if not _KEY_ID.fullmatch(jwk["kid"]):
        raise ValueError("a kid has letters, digits, - and _")
    raw = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(jwk["kid"], raw, int(jwk.get("iat", 0)), "RS256"), private


_KEY_TYPES = {"OKP": _ed25519_key, "RSA": _rsa_key}


def _rsa_jwk(private: RSAPrivateKey, created: int) -> dict[str, Any]:
    jwk = RSAAlgorithm.to_jwk(private, as_dict=True)
    # RFC 7638: the thumbprint is over these members in this order.
    thumbprint = sha256(orjson.dumps({name: jwk[name] for name in ("e", "kty", "n")})).digest()
    jwk.pop("key_ops", None)
    return {**jwk, "alg": "RS256", "use": "sig", "kid": _encode(thumbprint), "iat": created}


def _jwk(seed: bytes, created: int) -> dict[str, Any]:
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


def _written(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, indent=2).encode() + b"\n"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
