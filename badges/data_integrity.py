"""Data Integrity proofs with Ed25519: eddsa-rdfc-2022 and eddsa-jcs-2022 (W3C vc-di-eddsa)."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

from certbeam.badges.key_set import PublicKey
from certbeam.badges.multibase import base58btc
from certbeam.badges.rdf_canonical import Canonicalizer

RDFC = "eddsa-rdfc-2022"
JCS = "eddsa-jcs-2022"
CRYPTOSUITES = (RDFC, JCS)

Sign = Callable[[PublicKey, bytes], bytes]
"""The signature of a message by a key, in its algorithm."""


def with_proofs(
    document: Mapping[str, Any],
    suites: Sequence[str],
    *,
    key: PublicKey,
    method: str,
    created: str,
    sign: Sign,
    canonicalizer: Canonicalizer,
) -> dict[str, Any]:
    """A document with a proof of each cryptosuite, in a list also where it is one: so asks Open Badges 3.0's schema.

    Args:
        document: without a proof; its members' names are ASCII and its numbers whole.
        suites: of :data:`CRYPTOSUITES`.
        key: the key that signs.
        method: ``verificationMethod``, the key's URL.
        created: the time of the proofs, ``yyyy-MM-dd'T'HH:mm:ss'Z'``.
        sign: makes the signature.
        canonicalizer: of RDF.

    Raises:
        ValueError: when a member of the document would not be signed.
    """
    proofs = []
    for suite in suites:
        proof: dict[str, Any] = {
            "type": "DataIntegrityProof",
            "cryptosuite": suite,
            "created": created,
            "verificationMethod": method,
            "proofPurpose": "assertionMethod",
        }
        if suite == JCS:
            proof = {"@context": document["@context"], **proof}
        digest = proof_hash(document, proof, canonicalizer)
        proofs.append({**proof, "proofValue": base58btc(sign(key, digest))})
    return {**document, "proof": proofs}


def proof_hash(document: Mapping[str, Any], proof: Mapping[str, Any], canonicalizer: Canonicalizer) -> bytes:
    """What a proof signs: the hash of the proof's configuration, then that of the document (§3.2.4, §3.3.4).

    Args:
        document: without ``proof``.
        proof: without ``proofValue``.
        canonicalizer: of RDF.
    """
    if proof["cryptosuite"] == JCS:
        return sha256(canonical_json(proof)).digest() + sha256(canonical_json(document)).digest()
    configuration = orjson.dumps({"@context": document["@context"], **proof})
    return (
        _configuration_hash(configuration, canonicalizer) + sha256(canonicalizer.canonical(document)).digest()
    )


@lru_cache(maxsize=256)  # all credentials of an event, and of its second, have the same
def _configuration_hash(configuration: bytes, canonicalizer: Canonicalizer) -> bytes:
    return sha256(canonicalizer.canonical(orjson.loads(configuration))).digest()


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """The JSON Canonicalization Scheme (RFC 8785), of values with ASCII names and without fractions.

    There, orjson's sorted form is the canonical one: it escapes the same characters in the same way.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
