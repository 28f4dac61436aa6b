"""Verify revocation: read a credential's Bitstring Status List after checking the list itself."""

from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import orjson
from openbadgeslib.ob3 import OB3VerificationError, OpenBadgeCredential
from openbadgeslib.ob3.status import check_credential_status

from certbeam.badges.checks import Check, Failed, Fetch, check
from certbeam.badges.verify_proofs import _check_terms, _issuer_id, _proof_checks

_LIST_MEMBERS = frozenset(
    {"@context", "id", "type", "issuer", "name", "validFrom", "validUntil", "credentialSubject", "proof"}
)


_LIST_SUBJECT_MEMBERS = frozenset({"id", "type", "statusPurpose", "encodedList", "ttl"})


def check_status(document: Mapping[str, Any], issuer: str, fetch: Fetch) -> Check:
    """Whether a document's ``credentialStatus`` says that it is revoked, or cannot be told."""
    if "credentialStatus" not in document:
        return Check("revocation", passed=True, detail="it names no status list: it cannot be revoked")
    return check("revocation", lambda: _check_status(document["credentialStatus"], issuer, fetch))


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
