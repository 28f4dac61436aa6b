"""Verify Open Badges 3.0 credentials.

The verification is openbadgeslib's, so that software of others judges the credentials that certbeam signs. The checks
of this package add what the library does not verify.
"""

from collections.abc import Mapping
from typing import Any

import jwt
from openbadgeslib.ob3 import OB3Verifier
from openbadgeslib.ob3.ldp import OB3LdpVerifier

from certbeam.badges.checks import CheckFailed, CheckResult, Fetch, check_validity, read_document, run_check
from certbeam.badges.verify_proofs import check_all_terms, check_json_form, issuer_id, verify_proofs
from certbeam.badges.verify_status import check_revocation


def verify_credential(credential: str, fetch: Fetch) -> list[CheckResult]:
    """Verify an Open Badges 3.0 credential.

    Args:
        credential: a JSON document with Data Integrity proofs, or a compact JWT.
        fetch: returns published documents.
    """
    if not credential.lstrip().startswith("{"):
        return [run_check("signature", lambda: _verify_jwt(credential, fetch))]
    try:
        document = read_document(credential.encode())
    except (CheckFailed, ValueError) as error:
        return [CheckResult("form", passed=False, detail=str(error))]
    results = [
        *verify_proofs(document, fetch),
        run_check("validity", lambda: check_validity(document, "validFrom", "validUntil")),
        check_revocation(document, issuer_id(document), fetch),
        run_check("terms", lambda: check_all_terms(document)),
    ]
    form = run_check("form", lambda: _check_form(document, credential, fetch))
    # The library reports only the first fault. If another check failed, "form" would repeat that fault.
    return [*results, form] if form.passed or all(result.passed for result in results) else results


def _check_form(document: Mapping[str, Any], credential: str, fetch: Fetch) -> str:
    check_json_form({name: value for name, value in document.items() if name != "proof"})
    OB3LdpVerifier().verify(credential, download=fetch)
    return "it is an Open Badges 3.0 credential"


def _verify_jwt(token: str, fetch: Fetch) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    issuer = str(claims.get("iss") or issuer_id(claims))
    verifier = OB3Verifier.for_issuer_did(issuer, download=fetch)
    verifier.verify(token, check_status=True, download=fetch)
    return f"the JWT is signed by {issuer}, valid and not revoked"
