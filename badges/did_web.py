"""Identifiers and documents of the did:web method, made from base URLs."""

from typing import Any
from urllib.parse import quote, unquote, urlsplit

from certbeam.badges.key_set import PublicKey


def did_web(base_url: str) -> str:
    """The ``did:web`` identifier whose document stands at ``<base_url>/did.json``.

    Raises:
        ValueError: when ``base_url`` is not an https URL with a path, as the method needs.
    """
    parts = urlsplit(base_url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("signed credentials need an https URL: their issuer is did:web")
    if not segments:
        raise ValueError(
            "signed credentials need a path in it, such as /certs: did:web leads to <path>/did.json"
        )
    return "did:web:" + ":".join(quote(part, safe="") for part in (parts.netloc, *segments))


def base_url_of(did: str) -> str:
    """The ``base_url`` that :func:`did_web` makes an identifier of.

    Raises:
        ValueError: when it makes none.
    """
    host, *segments = (unquote(part) for part in did.removeprefix("did:web:").split(":"))
    base_url = "/".join((f"https://{host}", *segments))
    if did_web(base_url) != did:
        raise ValueError(f"{did!r} is not a did:web with a path")
    return base_url


def verification_method(did: str, key: PublicKey) -> str:
    """The URL of a key in the issuer's DID document."""
    return f"{did}#{key.kid}"


def multikey_document(did: str, key: PublicKey) -> dict[str, Any]:
    """A key as a verification method of its issuer (W3C Controlled Identifiers §2.2)."""
    return {
        "id": verification_method(did, key),
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": key.multikey,
    }
