"""Verify Data Integrity proofs: the key is the issuer's, the signature matches, every term is signed."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.did import resolve_verification_method
from openbadgeslib.ob3.ldp import verify_data_integrity_proof

from certbeam.badges.checks import Check, Failed, Fetch, check
from certbeam.badges.data_integrity import JCS, proof_hash
from certbeam.badges.multibase import from_base58btc
from certbeam.badges.rdf_canonical import Canonicalizer, check_terms

# Open Badges 3.0 §B, of all classes: members that have one value, a text or an object.
_SINGLE = frozenset(
    {
        "achievement",
        "achievementType",
        "audience",
        "awardedDate",
        "credentialSubject",
        "creator",
        "criteria",
        "description",
        "email",
        "fieldOfStudy",
        "genre",
        "hashed",
        "humanCode",
        "identityHash",
        "identityType",
        "image",
        "inLanguage",
        "issuer",
        "licenseNumber",
        "name",
        "narrative",
        "phone",
        "role",
        "salt",
        "source",
        "specialization",
        "term",
        "url",
        "validFrom",
        "validUntil",
        "version",
    }
)


def _proof_checks(document: Mapping[str, Any], fetch: Fetch) -> Iterator[Check]:
    proofs = document.get("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    for proof in proofs or [None]:
        if not isinstance(proof, dict):
            yield Check("signature", passed=False, detail="it has no proof")
            continue
        try:
            key = _issuer_key(proof, _issuer_id(document), fetch)
            yield Check("issuer's key", passed=True, detail=f"{proof['verificationMethod']} is the issuer's")
        except Failed as error:
            yield Check("issuer's key", passed=False, detail=str(error))
            continue
        yield check("signature", partial(_verify_proof, document, proof, key))


def _issuer_id(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    return str(issuer.get("id") if isinstance(issuer, dict) else issuer)


def _issuer_key(proof: Mapping[str, Any], issuer: str, fetch: Fetch) -> bytes:
    """The public key of a proof, as PEM, once it is known to be the issuer's."""
    method = str(proof.get("verificationMethod"))
    if method.partition("#")[0] != issuer:
        raise Failed(f"the proof is made with {method}, which is not a key of the issuer {issuer}")
    try:
        return resolve_verification_method(method, download=fetch)
    except LibOpenBadgesException as error:
        raise Failed(f"the issuer's key cannot be found: {error}") from error


def _verify_proof(document: Mapping[str, Any], proof: Mapping[str, Any], key: bytes) -> str:
    suite = proof.get("cryptosuite")
    _check_writing(proof)
    if suite == JCS:
        verify_jcs(document, proof, cast("Ed25519PublicKey", load_pem_public_key(key)))
        if proof.get("type") != "DataIntegrityProof" or proof.get("proofPurpose") != "assertionMethod":
            raise Failed("the proof is not made for assertions")
    else:
        # Not signed: the document's contexts are, in its place.
        if proof.get("@context", document.get("@context")) != document.get("@context"):
            raise Failed("the proof's @context is not the document's")
        verify_data_integrity_proof({**document, "proof": proof}, key)
    return f"the {suite} proof holds: nothing was changed since it was signed"


def _check_terms(document: Mapping[str, Any]) -> str:
    check_terms({name: value for name, value in document.items() if name != "proof"})
    return "every term is defined, and so is signed"


def _check_writing(value: Any, *, top: bool = True) -> None:
    """Whether JSON says to every reader what its RDF statements say: these do not tell ``"a"`` from ``["a", "a"]``."""
    if isinstance(value, list):
        for member in value:
            _check_writing(member, top=False)
    elif isinstance(value, dict):
        for name, member in value.items():
            # Ids, types and all else have names in the contexts; these are JSON-LD's own.
            if name.startswith("@") and "@value" not in value and not (top and name == "@context"):
                raise Failed(f"{name} stands where it does not belong")
            if name in _SINGLE and isinstance(member, list):
                raise Failed(f"{name} has one value in Open Badges 3.0, and here it is a list")
            _check_writing(member, top=False)


def verify_jcs(document: Mapping[str, Any], proof: Mapping[str, Any], key: Ed25519PublicKey) -> None:
    """Check an eddsa-jcs-2022 proof, which openbadgeslib does not know.

    Raises:
        ValueError: saying why it does not hold.
    """
    context = proof.get("@context", [])
    if document.get("@context", [])[: len(context)] != context:
        raise ValueError("the proof's @context is not the document's")
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    configuration = {name: value for name, value in proof.items() if name != "proofValue"}
    digest = proof_hash(
        {**unsecured, "@context": context or unsecured["@context"]}, configuration, Canonicalizer()
    )
    try:
        key.verify(from_base58btc(str(proof.get("proofValue", ""))), digest)
    except InvalidSignature as error:
        raise ValueError("the signature does not match") from error
