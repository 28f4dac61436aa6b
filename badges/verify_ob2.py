"""Verifying Open Badges 2.0 assertions as certbeam stores them, signed or hosted."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from openbadgeslib.ob2 import OB2VerificationError, OB2Verifier

from certbeam.badges.checks import Check, Failed, Fetch, check, check_validity
from certbeam.badges.did_web import did_web
from certbeam.badges.enc_service import ServiceSignature, service_signature_of, signed_part
from certbeam.badges.ob2_assertion import strict_assertion
from certbeam.badges.verify_status import check_status

Holds = Callable[[ServiceSignature, Mapping[str, Any]], bool]
"""Asks the service that has signed an assertion whether it has."""


def verify_assertion(document: Mapping[str, Any], fetch: Fetch, holds: Holds | None = None) -> list[Check]:
    """The checks of an assertion; its picture (``printUri``) is not signed and not looked at.

    Args:
        document: the assertion.
        fetch: says what is published.
        holds: the encryption service, where it may be asked.
    """
    verification = document.get("verification")
    kind = verification.get("type") if isinstance(verification, dict) else None
    validity = check("validity", lambda: check_validity(document, "issuedOn", "expires"))
    place = check("issuer's key", lambda: _check_places(document))
    if kind == "HostedBadge":
        checks = [check("hosted copy", lambda: _check_hosted(document, fetch)), validity]
        if "signature" in document and holds:
            checks.append(check("enc-service", lambda: _check_service_signature(document, holds)))
        if "credentialStatus" in document:
            checks.append(check_status(document, did_web(_base_url(document)), fetch))
        return checks
    if kind != "SignedBadge":
        return [Check("signature", passed=False, detail="it is neither a signed nor a hosted badge")]
    signature = check("signature", lambda: _check_signature(document, fetch))
    checks = [place, signature, validity]
    if place.passed:
        checks.append(check_status(document, did_web(_base_url(document)), fetch))
    return checks


def _check_signature(document: Mapping[str, Any], fetch: Fetch) -> str:
    signature = document["signature"]
    if set(signature) != {"type", "creator", "signatureValue"} or signature["type"] != "JsonWebSignature":
        raise Failed("the signature is not a JSON Web Signature as certbeam writes it")
    token = str(signature["signatureValue"])
    parts = [_decoded(part) for part in token.split(".")]
    if document["recipient"]["type"] != [*document["recipient"]["type"]]:
        raise Failed("the recipient's type is not a list")
    if orjson.loads(parts[1]) != strict_assertion(document):
        raise Failed("the assertion does not say what was signed")
    try:
        OB2Verifier(download=fetch).verify(token)
    except OB2VerificationError as error:
        # The dates are looked at once the signature has held, and have a check of their own.
        if "expired" not in str(error) and "not yet valid" not in str(error):
            raise
    if signature["creator"] not in document["badge"]["issuer"]["publicKey"]:
        raise Failed("the key that has signed it is not among the issuer's")
    _check_badge_class(document["badge"], orjson.loads(fetch(document["badge"]["id"])))
    return "the signature holds: nothing was changed since it was signed"


def _check_service_signature(document: Mapping[str, Any], holds: Holds) -> str:
    signature = service_signature_of(document)
    if signature is None:
        raise Failed("the signature is not one that an enc-service makes")
    if not holds(signature, signed_part(document)):
        raise Failed(f"the signature is not one of key {signature.key_id} over this assertion")
    return f"key {signature.key_id} has signed it: nothing was changed since"


def _check_badge_class(badge: Mapping[str, Any], published: Mapping[str, Any]) -> None:
    """The badge class is signed by reference; keys that the issuer has made since may be missing in it."""
    keys, published_keys = badge["issuer"]["publicKey"], published["issuer"]["publicKey"]
    without_keys = {**badge, "issuer": {**badge["issuer"], "publicKey": published_keys}}
    if without_keys != published or not set(keys) <= set(published_keys):
        raise Failed("the badge class does not say what was signed")


def _check_places(document: Mapping[str, Any]) -> str:
    """Whether all that the assertion builds on is published in the place where it is published itself."""
    base_url = _base_url(document)
    creator = document["verification"]["creator"]
    if creator != document["signature"]["creator"]:
        raise Failed("the signature is of another creator than the assertion's")
    for url in (creator, document["badge"]["id"], document["badge"]["issuer"]["id"]):
        if not str(url).startswith(f"{base_url}/"):
            raise Failed(f"{url} is not published by {base_url}, as the assertion is")
    did_web(base_url)
    return f"the key {creator} is published by the issuer, {base_url}"


def _check_hosted(document: Mapping[str, Any], fetch: Fetch) -> str:
    url, issuer = str(document["id"]), str(document["badge"]["issuer"]["id"])
    if not issuer.startswith(f"{_base_url(document)}/"):
        raise Failed(f"it is hosted at {url}, which is not the place of its issuer {issuer}")
    try:
        hosted = orjson.loads(fetch(url))
    except Exception as error:
        raise Failed(f"it cannot be read at {url}, where it says that it is hosted: {error}") from error
    if hosted != {name: value for name, value in document.items() if name != "printUri"}:
        raise Failed(f"it is not what its issuer hosts at {url}")
    return f"it is what its issuer hosts at {url}"


def _base_url(document: Mapping[str, Any]) -> str:
    """An assertion's id is ``<base_url>/<tag>/<id>``."""
    return str(document["id"]).rsplit("/", 2)[0]


def _decoded(text: str) -> bytes:
    """The bytes of a part of a JWS; there is one way to write them (RFC 7515 §2), and decoders take others, too."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode():
        raise Failed("the signature is not written as a JWS is")
    return data
