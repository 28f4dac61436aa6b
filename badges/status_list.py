"""Bitstring Status List v1.0 (W3C): the status list entries of certificates, and the published lists.

Lists are on levels of 1, 16, 256, … lists. Each certificate has two candidate entries on every level, derived from
its id. It takes the first candidate that no other certificate has, lower levels first. So indexes look random and
need no counter. A replay finds the same entry, because an entry is never released. Lists of a level are nearly full
before many certificates use the next level.
"""

import base64
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from certbeam.badges.timestamps import format_millis
from certbeam.badges.urls import PublishedUrls

LIST_SIZE = 131_072
"""Entries of a list: the minimum of the specification, which protects the privacy of holders (§3.2)."""

_LEVELS = 8
_GROWTH = 16  # with 50 million certificates, a new one tries 7 entries; with levels of 1, 4, 16, … lists, 11
_CANDIDATES_PER_LEVEL = 2

_BEST_COMPRESSION = 9
_GZIP = 16 + zlib.MAX_WBITS
"""The ``wbits`` with which zlib writes a gzip stream."""

CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2"


@dataclass(frozen=True, slots=True, order=True)
class StatusListEntry:
    """One entry of a status list.

    Attributes:
        list_number: the number of the list, from 1.
        index: the status list index, from 0. Index 0 is the highest bit of the first byte.
    """

    list_number: int
    index: int


@dataclass(frozen=True, slots=True)
class RevokedIndexes:
    """The revoked entries of one status list.

    Attributes:
        indexes: the status list indexes of revoked certificates.
        last_revoked_at: the time of the newest revocation, in milliseconds since 1970; None if there is none.
    """

    indexes: tuple[int, ...]
    last_revoked_at: int | None


def candidate_entries(certificate_id: str) -> Iterator[StatusListEntry]:
    """Yield the candidate entries of a certificate, in the order in which it must try them."""
    first, lists = 1, 1
    for level in range(_LEVELS):
        for candidate in range(_CANDIDATES_PER_LEVEL):
            digest = blake2b(f"{certificate_id}/{level}/{candidate}".encode(), digest_size=16).digest()
            list_number = first + int.from_bytes(digest[:8], "big") % lists
            yield StatusListEntry(list_number, int.from_bytes(digest[8:], "big") % LIST_SIZE)
        first, lists = first + lists, lists * _GROWTH


def status_list_object_name(list_number: int) -> str:
    """Return the object name of a status list."""
    return f"status/{list_number}.json"


def build_credential_status(status_entry: StatusListEntry, urls: PublishedUrls) -> dict[str, str]:
    """Build the ``credentialStatus`` of a certificate."""
    url = urls.document(status_list_object_name(status_entry.list_number))
    return {
        "id": f"{url}#{status_entry.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(status_entry.index),
        "statusListCredential": url,
    }


def build_status_list(
    list_number: int, revoked: RevokedIndexes, *, issuer: str, urls: PublishedUrls
) -> dict[str, Any]:
    """Build the credential of a status list, without its proof.

    It holds the bits and nothing else about certificates.
    """
    url = urls.document(status_list_object_name(list_number))
    document: dict[str, Any] = {
        "@context": [CREDENTIALS_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
    }
    if revoked.last_revoked_at is not None:
        document["validFrom"] = format_millis(revoked.last_revoked_at)
    document["credentialSubject"] = {
        "id": f"{url}#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": encode_list(revoked.indexes),
    }
    return document


def encode_list(indexes: Collection[int]) -> str:
    """Return ``encodedList``: the gzipped bits as Multibase base64url (§3.3)."""
    bits = bytearray(LIST_SIZE // 8)
    for index in indexes:
        bits[index >> 3] |= 0x80 >> (index & 7)
    # The gzip module writes a header that depends on the time and on the version of Python; zlib does not. So the
    # same bits always give the same text, and the same signature.
    deflate = zlib.compressobj(_BEST_COMPRESSION, zlib.DEFLATED, _GZIP)
    compressed = deflate.compress(bits) + deflate.flush()
    return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode("ascii")
