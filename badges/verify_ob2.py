"""Verify Open Badges 2.0 assertions as certbeam stores them: signed or hosted badges."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from openbadgeslib.ob2 import OB2VerificationError, OB2Verifier

from certbeam.badges.checks import CheckFailed, CheckResult, Fetch, check_validity, run_check
from certbeam.badges.did_web import build_did
from certbeam.badges.enc_service import ServiceSignature, parse_service_signature, signed_members
from certbeam.badges.ob2_assertion import build_jws_payload
from certbeam.badges.verify_status import check_revocation

VerifySignature = Callable[[ServiceSignature, Mapping[str, Any]], bool]
"""Return True if the enc-service confirms its signature over these members of an assertion."""


def verify_assertion(
    document: Mapping[str, Any], fetch: Fetch, verify_signature: VerifySignature | None = None
) -> list[CheckResult]:
    """Verify an assertion. Its picture, ``printUri``, is not signed and not checked.

    Args:
        document: the assertion.
        fetch: returns published documents.
        verify_signature: verifies signatures of the enc-service; None to skip them.
    """
    verification = document.get("verification")
    kind = verification.get("type") if isinstance(verification, dict) else None
    validity = run_check("validity", lambda: check_validity(document, "issuedOn", "expires"))
    if kind == "HostedBadge":
        results = [run_check("hosted copy", lambda: _check_hosted(document, fetch)), validity]
        if "signature" in document and verify_signature:
            results.append(
                run_check("enc-service", lambda: _check_service_signature(document, verify_signature))
            )
        if "credentialStatus" in document:
            results.append(check_revocation(document, build_did(_base_url(document)), fetch))
        return results
    if kind != "SignedBadge":
        return [CheckResult("signature", passed=False, detail="it is neither a signed nor a hosted badge")]
    issuer_key = run_check("issuer's key", lambda: _check_publisher(document))
    signature = run_check("signature", lambda: _check_signature(document, fetch))
    results = [issuer_key, signature, validity]
    if issuer_key.passed:
        results.append(check_revocation(document, build_did(_base_url(document)), fetch))
    return results


def _check_signature(document: Mapping[str, Any], fetch: Fetch) -> str:
    signature = document["signature"]
    if set(signature) != {"type", "creator", "signatureValue"} or signature["type"] != "JsonWebSignature":
        raise CheckFailed(
            "the signature is not a JsonWebSignature with the members type, creator and signatureValue"
        )
    jws = str(signature["signatureValue"])
    parts = [_decode_strictly(part) for part in jws.split(".")]
    if document["recipient"]["type"] != [*document["recipient"]["type"]]:
        raise CheckFailed("the recipient's type is not a list")
    if orjson.loads(parts[1]) != build_jws_payload(document):
        raise CheckFailed("the assertion differs from the signed payload")
    try:
        OB2Verifier(download=fetch).verify(jws)
    except OB2VerificationError as error:
        # The library checks dates after the signature; here they have a check of their own.
        if "expired" not in str(error) and "not yet valid" not in str(error):
            raise
    if signature["creator"] not in document["badge"]["issuer"]["publicKey"]:
        raise CheckFailed("the signing key is not one of the issuer's keys")
    _check_badge_class(document["badge"], orjson.loads(fetch(document["badge"]["id"])))
    return "the signature matches: the assertion is as it was signed"


def _check_service_signature(document: Mapping[str, Any], verify_signature: VerifySignature) -> str:
    signature = parse_service_signature(document)
    if signature is None:
        raise CheckFailed("the signature is not a LinkedDataSignature2015 of an enc-service")
    if not verify_signature(signature, signed_members(document)):
        raise CheckFailed(f"the signature of key {signature.key_id} does not match the assertion")
    return f"the signature of key {signature.key_id} matches: the assertion is as it was signed"


def _check_badge_class(badge: Mapping[str, Any], published: Mapping[str, Any]) -> None:
    """Check that the badge class is the published one, because the signature covers only its URL.

    The published issuer profile may list newer keys.
    """
    keys, published_keys = badge["issuer"]["publicKey"], published["issuer"]["publicKey"]
    without_keys = {**badge, "issuer": {**badge["issuer"], "publicKey": published_keys}}
    if without_keys != published or not set(keys) <= set(published_keys):
        raise CheckFailed("the badge class differs from the published one, which is signed")


def _check_publisher(document: Mapping[str, Any]) -> str:
    """Check that the key, the badge class and the issuer are published below the base URL of the assertion."""
    base_url = _base_url(document)
    creator = document["verification"]["creator"]
    if creator != document["signature"]["creator"]:
        raise CheckFailed("verification.creator and signature.creator differ")
    for url in (creator, document["badge"]["id"], document["badge"]["issuer"]["id"]):
        if not str(url).startswith(f"{base_url}/"):
            raise CheckFailed(f"{url} is not below {base_url}, where the assertion is published")
    build_did(base_url)
    return f"the key {creator} is published by the issuer at {base_url}"


def _check_hosted(document: Mapping[str, Any], fetch: Fetch) -> str:
    url, issuer = str(document["id"]), str(document["badge"]["issuer"]["id"])
    if not issuer.startswith(f"{_base_url(document)}/"):
        raise CheckFailed(f"it is hosted at {url}, but its issuer at {issuer}")
    try:
        hosted = orjson.loads(fetch(url))
    except Exception as error:
        raise CheckFailed(f"the hosted assertion cannot be read at {url}: {error}") from error
    if hosted != {name: value for name, value in document.items() if name != "printUri"}:
        raise CheckFailed(f"it differs from the hosted assertion at {url}")
    return f"it is the assertion that its issuer hosts at {url}"


def _base_url(document: Mapping[str, Any]) -> str:
    """Return the base URL of an assertion, whose id is ``<base_url>/<tag>/<id>``."""
    return str(document["id"]).rsplit("/", 2)[0]


def _decode_strictly(text: str) -> bytes:
    """Decode a part of a JWS, and reject encodings other than the one of RFC 7515 §2, which decoders accept too."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode():
        raise CheckFailed("the JWS is not encoded as base64url without padding")
    return data
