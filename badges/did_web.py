"""DIDs and verification methods of the did:web method, built from base URLs."""

from typing import Any
from urllib.parse import quote, unquote, urlsplit

from certbeam.badges.key_set import PublicKey


def build_did(base_url: str) -> str:
    """Return the ``did:web`` identifier whose DID document is served at ``<base_url>/did.json``.

    Raises:
        ValueError: if ``base_url`` is not an https URL with a path.
    """
    parts = urlsplit(base_url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("signed credentials need an https URL: their issuer is did:web")
    if not segments:
        raise ValueError(
            "signed credentials need a URL with a path, such as /certs: did:web resolves to <path>/did.json"
        )
    return "did:web:" + ":".join(quote(part, safe="") for part in (parts.netloc, *segments))


def base_url_of_did(did: str) -> str:
    """Return the base URL of a ``did:web`` identifier; the inverse of :func:`build_did`.

    Raises:
        ValueError: if :func:`build_did` returns this identifier for no base URL.
    """
    host, *segments = (unquote(part) for part in did.removeprefix("did:web:").split(":"))
    base_url = "/".join((f"https://{host}", *segments))
    if build_did(base_url) != did:
        raise ValueError(f"{did!r} is not a did:web with a path")
    return base_url


def verification_method_id(did: str, key: PublicKey) -> str:
    """Return the DID URL of a key in the issuer's DID document."""
    return f"{did}#{key.kid}"


def build_multikey(did: str, key: PublicKey) -> dict[str, Any]:
    """Return a key as a verification method of its issuer (W3C Controlled Identifiers §2.2)."""
    return {
        "id": verification_method_id(did, key),
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": key.multikey,
    }
