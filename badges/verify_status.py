"""Verify revocation: look up a credential's bit in its status list, after verifying the list itself."""

from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import orjson
from openbadgeslib.ob3 import OB3VerificationError, OpenBadgeCredential
from openbadgeslib.ob3.status import check_credential_status

from certbeam.badges.checks import CheckFailed, CheckResult, Fetch, run_check
from certbeam.badges.verify_proofs import check_all_terms, issuer_id, verify_proofs

_LIST_MEMBERS = frozenset(
    {"@context", "id", "type", "issuer", "name", "validFrom", "validUntil", "credentialSubject", "proof"}
)
_LIST_SUBJECT_MEMBERS = frozenset({"id", "type", "statusPurpose", "encodedList", "ttl"})


def check_revocation(document: Mapping[str, Any], issuer: str, fetch: Fetch) -> CheckResult:
    """Check that the status lists of ``credentialStatus`` can be read and do not revoke the document.

    Args:
        document: an assertion or a credential.
        issuer: the DID of its issuer, which must also be the issuer of the status lists.
        fetch: returns published documents.
    """
    if "credentialStatus" not in document:
        return CheckResult("revocation", passed=True, detail="it has no status list: it cannot be revoked")
    return run_check("revocation", lambda: _check_entries(document["credentialStatus"], issuer, fetch))


def _check_entries(status: Any, issuer: str, fetch: Fetch) -> str:
    entries = status if isinstance(status, list) else [status]
    for entry in entries:
        url = str(entry["statusListCredential"])
        body = _fetch_list(url, fetch)
        is_jwt = not body.lstrip().startswith(b"{")
        if not is_jwt:
            _verify_list(body, url, issuer, fetch)
        credential = SimpleNamespace(credential_status=[entry], issuer=SimpleNamespace(id=issuer))
        try:
            check_credential_status(
                cast("OpenBadgeCredential", credential),
                # The library must read the list that was verified: a second request could return another one.
                download=partial(_fetch_cached, {url: body}, fetch),
                verify_list=is_jwt,
            )
        except OB3VerificationError as error:
            if "is set at index" in str(error):
                raise CheckFailed(f"it is revoked on the status list {url}") from error
            raise
    return "it is not revoked"


def _fetch_cached(cached: Mapping[str, bytes], fetch: Fetch, url: str) -> bytes:
    return cached[url] if url in cached else fetch(url)


def _fetch_list(url: str, fetch: Fetch) -> bytes:
    try:
        return fetch(url)
    except Exception as error:
        raise CheckFailed(f"the status list {url} cannot be read: {error}") from error


def _verify_list(body: bytes, url: str, issuer: str, fetch: Fetch) -> None:
    """Check that the issuer signed a status list, and that the signature covers the whole list.

    openbadgeslib verifies lists that are JWTs. It does not verify lists with Data Integrity proofs.
    """
    document = orjson.loads(body)
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or set(subject) - _LIST_SUBJECT_MEMBERS or set(document) - _LIST_MEMBERS:
        raise CheckFailed(f"the status list {url} has members that a status list must not have")
    if document.get("id") != url:
        raise CheckFailed(f"the status list at {url} has another id: {document.get('id')}")
    if issuer_id(document) != issuer:
        raise CheckFailed(f"the issuer of the status list {url} is {issuer_id(document)} instead of {issuer}")
    failures = [result for result in verify_proofs(document, fetch) if not result.passed]
    if failures:
        raise CheckFailed(f"the status list {url} is not signed by the issuer: {failures[0].detail}")
    check_all_terms(document)
