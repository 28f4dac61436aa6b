"""Verifying certificates: which checks hold, which do not and why, in words.

The checks themselves are openbadgeslib's, so that what certbeam signs is judged by software that is not ours.
"""

from collections.abc import Mapping
from typing import Any

import jwt
from openbadgeslib.ob3 import OB3Verifier
from openbadgeslib.ob3.ldp import OB3LdpVerifier

from certbeam.badges.checks import Check, Failed, Fetch, check, check_validity, read_document
from certbeam.badges.verify_proofs import _check_terms, _check_writing, _issuer_id, _proof_checks
from certbeam.badges.verify_status import check_status


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


def _check_form(document: Mapping[str, Any], credential: str, fetch: Fetch) -> str:
    _check_writing({name: value for name, value in document.items() if name != "proof"})
    OB3LdpVerifier().verify(credential, download=fetch)
    return "it is an Open Badges 3.0 credential"


def _verify_jwt(token: str, fetch: Fetch) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    issuer = str(claims.get("iss") or _issuer_id(claims))
    verifier = OB3Verifier.for_issuer_did(issuer, download=fetch)
    verifier.verify(token, check_status=True, download=fetch)
    return f"the JWT is signed by {issuer}, valid and not revoked"
