"""Verify Data Integrity proofs: the key is the issuer's, the signature matches, and it covers every member."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.did import resolve_verification_method
from openbadgeslib.ob3.ldp import verify_data_integrity_proof

from certbeam.badges.checks import CheckFailed, CheckResult, Fetch, run_check
from certbeam.badges.data_integrity import JCS, build_hash_data
from certbeam.badges.multibase import decode_base58btc
from certbeam.badges.rdf_canonical import Canonicalizer, check_terms

# Members of all classes in Open Badges 3.0 §B that have exactly one value.
_SINGLE_VALUED = frozenset(
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


def verify_proofs(document: Mapping[str, Any], fetch: Fetch) -> Iterator[CheckResult]:
    """Verify each proof of a document: yield the results ``issuer's key`` and ``signature``."""
    proofs = document.get("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    for proof in proofs or [None]:
        if not isinstance(proof, dict):
            yield CheckResult("signature", passed=False, detail="it has no proof")
            continue
        try:
            key = _resolve_issuer_key(proof, issuer_id(document), fetch)
            detail = f"{proof['verificationMethod']} is a key of the issuer"
            yield CheckResult("issuer's key", passed=True, detail=detail)
        except CheckFailed as error:
            yield CheckResult("issuer's key", passed=False, detail=str(error))
            continue
        yield run_check("signature", partial(_verify_proof, document, proof, key))


def issuer_id(document: Mapping[str, Any]) -> str:
    """Return the id of a document's issuer, which is an object or an id."""
    issuer = document.get("issuer")
    return str(issuer.get("id") if isinstance(issuer, dict) else issuer)


def _resolve_issuer_key(proof: Mapping[str, Any], issuer: str, fetch: Fetch) -> bytes:
    """Return the public key of a proof as PEM, if it is a key of the issuer."""
    method = str(proof.get("verificationMethod"))
    if method.partition("#")[0] != issuer:
        raise CheckFailed(f"the proof's key {method} is not a key of the issuer {issuer}")
    try:
        return resolve_verification_method(method, download=fetch)
    except LibOpenBadgesException as error:
        raise CheckFailed(f"the issuer's key {method} cannot be resolved: {error}") from error


def _verify_proof(document: Mapping[str, Any], proof: Mapping[str, Any], key: bytes) -> str:
    cryptosuite = proof.get("cryptosuite")
    check_json_form(proof)
    if cryptosuite == JCS:
        verify_jcs(document, proof, cast("Ed25519PublicKey", load_pem_public_key(key)))
        if proof.get("type") != "DataIntegrityProof" or proof.get("proofPurpose") != "assertionMethod":
            raise CheckFailed("the proof is not a DataIntegrityProof with the purpose assertionMethod")
    else:
        # This proof does not sign its own @context: the signature covers the document's @context instead.
        if proof.get("@context", document.get("@context")) != document.get("@context"):
            raise CheckFailed("the proof's @context is not the document's")
        verify_data_integrity_proof({**document, "proof": proof}, key)
    return f"the {cryptosuite} proof matches: the document is as it was signed"


def check_all_terms(document: Mapping[str, Any]) -> str:
    """Check that the contexts define every member but ``proof``.

    Raises:
        UndefinedTerm: if they do not, because an eddsa-rdfc-2022 proof does not cover undefined members.
        ValueError: if the document is not JSON-LD with the known contexts.
    """
    check_terms({name: value for name, value in document.items() if name != "proof"})
    return "every term is defined, so the signature covers it"


def check_json_form(value: Any, *, top: bool = True) -> None:
    """Check that JSON parsers read the same values as RDF statements contain.

    An eddsa-rdfc-2022 proof signs RDF statements, and these are equal for ``"a"`` and ``["a", "a"]``.

    Args:
        value: a document, or a part of one.
        top: True if the value is the whole document, which may have an ``@context``.

    Raises:
        CheckFailed: if a member is a JSON-LD keyword, or is a list although the specification allows one value.
    """
    if isinstance(value, list):
        for member in value:
            check_json_form(member, top=False)
    elif isinstance(value, dict):
        for name, member in value.items():
            # The contexts have names for the keywords that credentials need, such as id and type.
            if name.startswith("@") and "@value" not in value and not (top and name == "@context"):
                raise CheckFailed(f"the JSON-LD keyword {name} is not allowed as a member")
            if name in _SINGLE_VALUED and isinstance(member, list):
                raise CheckFailed(f"{name} is a list, but has exactly one value in Open Badges 3.0")
            check_json_form(member, top=False)


def verify_jcs(document: Mapping[str, Any], proof: Mapping[str, Any], key: Ed25519PublicKey) -> None:
    """Verify an eddsa-jcs-2022 proof, which openbadgeslib does not support.

    Raises:
        ValueError: if the proof does not match the document.
    """
    context = proof.get("@context", [])
    if document.get("@context", [])[: len(context)] != context:
        raise ValueError("the proof's @context is not the document's")
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    configuration = {name: value for name, value in proof.items() if name != "proofValue"}
    hash_data = build_hash_data(
        {**unsecured, "@context": context or unsecured["@context"]}, configuration, Canonicalizer()
    )
    try:
        key.verify(decode_base58btc(str(proof.get("proofValue", ""))), hash_data)
    except InvalidSignature as error:
        raise ValueError("the signature does not match") from error
