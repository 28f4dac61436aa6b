"""Data Integrity proofs with Ed25519: eddsa-rdfc-2022 and eddsa-jcs-2022 (W3C vc-di-eddsa)."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

from certbeam.badges.key_set import PublicKey
from certbeam.badges.multibase import encode_base58btc
from certbeam.badges.rdf_canonical import Canonicalizer

RDFC = "eddsa-rdfc-2022"
JCS = "eddsa-jcs-2022"
CRYPTOSUITES = (RDFC, JCS)

Sign = Callable[[PublicKey, bytes], bytes]
"""Sign a message with the private key of a public key, in the key's algorithm."""


def add_proofs(
    document: Mapping[str, Any],
    cryptosuites: Sequence[str],
    *,
    key: PublicKey,
    verification_method: str,
    created: str,
    sign: Sign,
    canonicalizer: Canonicalizer,
) -> dict[str, Any]:
    """Return a document with one proof of each cryptosuite.

    ``proof`` is a list even for one proof, because the schema of Open Badges 3.0 requires a list.

    Args:
        document: a document without proofs. Names of its members are ASCII, and its numbers are integers.
        cryptosuites: a selection of :data:`CRYPTOSUITES`.
        key: the public half of the signing key.
        verification_method: the DID URL of the key.
        created: the time of the proofs, ``yyyy-MM-dd'T'HH:mm:ss'Z'``.
        sign: signs with the private key.
        canonicalizer: canonicalises RDF for eddsa-rdfc-2022.

    Raises:
        ValueError: if the proof would not cover a member of the document.
    """
    proofs = []
    for cryptosuite in cryptosuites:
        proof: dict[str, Any] = {
            "type": "DataIntegrityProof",
            "cryptosuite": cryptosuite,
            "created": created,
            "verificationMethod": verification_method,
            "proofPurpose": "assertionMethod",
        }
        if cryptosuite == JCS:
            proof = {"@context": document["@context"], **proof}
        hash_data = build_hash_data(document, proof, canonicalizer)
        proofs.append({**proof, "proofValue": encode_base58btc(sign(key, hash_data))})
    return {**document, "proof": proofs}


def build_hash_data(
    document: Mapping[str, Any], proof: Mapping[str, Any], canonicalizer: Canonicalizer
) -> bytes:
    """Return the bytes that a proof signs: the hash of the proof configuration, then the hash of the document.

    The hashing algorithms are §3.2.4 (RDFC) and §3.3.4 (JCS) of vc-di-eddsa.

    Args:
        document: the document without ``proof``.
        proof: the proof configuration, which is the proof without ``proofValue``.
        canonicalizer: canonicalises RDF for eddsa-rdfc-2022.
    """
    if proof["cryptosuite"] == JCS:
        return sha256(canonicalize_json(proof)).digest() + sha256(canonicalize_json(document)).digest()
    configuration = orjson.dumps({"@context": document["@context"], **proof})
    return (
        _configuration_hash(configuration, canonicalizer)
        + sha256(canonicalizer.canonicalize(document)).digest()
    )


@lru_cache(maxsize=256)  # credentials of one event and one second share it
def _configuration_hash(configuration: bytes, canonicalizer: Canonicalizer) -> bytes:
    return sha256(canonicalizer.canonicalize(orjson.loads(configuration))).digest()


def canonicalize_json(value: Mapping[str, Any]) -> bytes:
    """Return JSON in the JSON Canonicalization Scheme (RFC 8785).

    For objects with ASCII names and numbers without fractions, orjson's sorted output is the canonical form: orjson
    escapes the same characters in the same way.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
