"""Verifying certificates: which checks hold, which do not and why, in words.

The checks themselves are openbadgeslib's, so that what certbeam signs is judged by software that is not ours.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import jwt
import lxml.etree
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from openbadgeslib import baking
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier, OpenBadgeCredential
from openbadgeslib.ob3.did import resolve_verification_method
from openbadgeslib.ob3.ldp import OB3LdpVerifier, verify_data_integrity_proof
from openbadgeslib.ob3.status import check_credential_status

from certbeam.badges.data_integrity import JCS, verify_jcs
from certbeam.badges.rdf_canonical import check_terms
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import parse_object

Fetch = Callable[[str], bytes]
"""What stands at a URL; it raises whatever it likes where it cannot say."""

_LIST_MEMBERS = frozenset(
    {"@context", "id", "type", "issuer", "name", "validFrom", "validUntil", "credentialSubject", "proof"}
)
_LIST_SUBJECT_MEMBERS = frozenset({"id", "type", "statusPurpose", "encodedList", "ttl"})


_PNG_CHUNK = b"iTXtopenbadgecredential\0"
_SVG_ELEMENT = ".//{https://purl.imsglobal.org/ob/v3p0}credential"

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


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked into.

    Attributes:
        name: what it was: ``signature``, ``issuer's key``, ``validity``, ``revocation``, ``terms`` or ``form``.
        detail: what was found, in words.
    """

    name: str
    passed: bool
    detail: str


class Failed(Exception):
    """A check that does not hold, and why."""


def baked_credential(picture: bytes) -> str | None:
    """The credential in an SVG or PNG, None where there is none.

    Raises:
        ValueError: when it is neither, or has two: another reader may take the other one.
    """
    try:
        if picture.startswith(b"\x89PNG"):
            found = baking.extract_png(picture, keyword=baking.ITXT_KEYWORD_OB3)
            baked = picture.count(_PNG_CHUNK)
        else:
            found = baking.extract_svg(picture, element=baking.SVG_ELEMENT_OB3, text_fallback=True)
            baked = len(lxml.etree.fromstring(picture, _xml_parser()).findall(_SVG_ELEMENT)) if found else 0
    except Exception as error:
        # The library passes on what its XML and PNG readers raise, of many kinds.
        raise ValueError(f"the picture cannot be read: {error}") from error
    if baked > 1:
        raise ValueError("more than one credential is baked into the picture")
    return found


def _xml_parser() -> lxml.etree.XMLParser:
    return lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def read_document(text: bytes) -> dict[str, Any]:
    """The JSON object in ``text``.

    Raises:
        Failed: when it is none, or a member is given twice.
    """
    try:
        document = parse_object(text)
        json.loads(text, object_pairs_hook=_once)
    except Rejected as error:
        raise Failed(error.reason.replace("the event", "it")) from error
    return document


def _once(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise Failed("a member is given twice: readers differ in which of them they take")


def verify_credential(credential: str, fetch: Fetch) -> list[Check]:
    """The checks of an Open Badges 3.0 credential: a JSON document with Data Integrity proofs, or a compact JWT."""
    if not credential.lstrip().startswith("{"):
        return [check("signature", lambda: _verify_jwt(credential, fetch))]
    try:
        document = read_document(credential.encode())
    except (Failed, ValueError) as error:
        return [Check("form", passed=False, detail=str(error))]
    checks = [
        *_proof_checks(document, fetch),
        check("validity", lambda: check_validity(document, "validFrom", "validUntil")),
        check_status(document, _issuer_id(document), fetch),
        check("terms", lambda: _check_terms(document)),
    ]
    form = check("form", lambda: _check_form(document, credential, fetch))
    # The library stops at the first fault that it finds: when that is one of the above, it says nothing new.
    return [*checks, form] if form.passed or all(one.passed for one in checks) else checks


def check_status(document: Mapping[str, Any], issuer: str, fetch: Fetch) -> Check:
    """Whether a document's ``credentialStatus`` says that it is revoked, or cannot be told."""
    if "credentialStatus" not in document:
        return Check("revocation", passed=True, detail="it names no status list: it cannot be revoked")
    return check("revocation", lambda: _check_status(document["credentialStatus"], issuer, fetch))


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


def check(name: str, run: Callable[[], str]) -> Check:
    """A check that ``run`` makes: it returns what it found, or raises what is wrong."""
    try:
        return Check(name, passed=True, detail=run())
    except Exception as error:
        # The document is anybody's: whatever goes wrong with it, it does not verify.
        return Check(name, passed=False, detail=str(error) or type(error).__name__)


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


def _check_form(document: Mapping[str, Any], credential: str, fetch: Fetch) -> str:
    _check_writing({name: value for name, value in document.items() if name != "proof"})
    OB3LdpVerifier().verify(credential, download=fetch)
    return "it is an Open Badges 3.0 credential"


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


def check_validity(document: Mapping[str, Any], begins: str, ends: str) -> str:
    """Whether now is between the moments under two members of a document, as far as it has them.

    Raises:
        Failed: when it is not.
    """
    now = datetime.now(timezone.utc)
    begin, end = (_moment(document[name]) if name in document else None for name in (begins, ends))
    if begin and begin > now:
        raise Failed(f"it is not valid yet, but from {document[begins]} on")
    if end and end < now:
        raise Failed(f"it has expired on {document[ends]}")
    return f"it is valid until {document[ends]}" if end else "it is valid, without an end"


def _check_status(status: Any, issuer: str, fetch: Fetch) -> str:
    entries = status if isinstance(status, list) else [status]
    for entry in entries:
        url = str(entry["statusListCredential"])
        body = _fetch_list(url, fetch)
        is_jwt = not body.lstrip().startswith(b"{")
        if not is_jwt:
            _check_list(body, url, issuer, fetch)
        checked = SimpleNamespace(credential_status=[entry], issuer=SimpleNamespace(id=issuer))
        try:
            check_credential_status(
                cast("OpenBadgeCredential", checked),
                # The list that was checked is the list that is read.
                download=partial(_read_again, {url: body}, fetch),
                verify_list=is_jwt,
            )
        except OB3VerificationError as error:
            if "is set at index" in str(error):
                raise Failed(f"it has been revoked, says {url}") from error
            raise
    return "it is not revoked"


def _read_again(known: Mapping[str, bytes], fetch: Fetch, url: str) -> bytes:
    return known[url] if url in known else fetch(url)


def _fetch_list(url: str, fetch: Fetch) -> bytes:
    try:
        return fetch(url)
    except Exception as error:
        raise Failed(f"the status list {url} cannot be read: {error}") from error


def _check_list(body: bytes, url: str, issuer: str, fetch: Fetch) -> None:
    """Whether a status list is the issuer's own, and is read as it was signed.

    openbadgeslib checks the signatures of lists that are JWTs; those of JSON documents are checked here.
    """
    document = orjson.loads(body)
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or set(subject) - _LIST_SUBJECT_MEMBERS or set(document) - _LIST_MEMBERS:
        raise Failed(f"the status list {url} holds members that a status list does not have")
    if document.get("id") != url:
        raise Failed(f"the status list {url} says that it is {document.get('id')}")
    if _issuer_id(document) != issuer:
        raise Failed(f"the status list {url} is of {_issuer_id(document)}, not of the issuer {issuer}")
    failed = [one for one in _proof_checks(document, fetch) if not one.passed]
    if failed:
        raise Failed(f"the status list {url} is not signed by the issuer: {failed[0].detail}")
    _check_terms(document)


def _verify_jwt(token: str, fetch: Fetch) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    issuer = str(claims.get("iss") or _issuer_id(claims))
    verifier = OB3Verifier.for_issuer_did(issuer, download=fetch)
    verifier.verify(token, check_status=True, download=fetch)
    return f"the JWT is signed by {issuer}, valid and not revoked"


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
