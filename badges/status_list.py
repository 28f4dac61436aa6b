"""W3C Bitstring Status List v1.0: which place a certificate has on which list, and the list as published.

Lists come in levels of 1, 16, 256, … lists. A certificate tries two places on each level before it goes on to the
next, all derived from its id: the places look random, need no counter, and are the same on every replay, for a
place once taken is never given back. Lists fill up to the brim before the next level is used much.
"""

import base64
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import blake2b
from typing import Any

from certbeam.badges.timestamps import timestamp
from certbeam.badges.urls import Locations

LIST_SIZE = 131_072
"""Entries of a list: the least that the specification allows, for the sake of the holders' privacy (§3.2)."""

_LEVELS = 8
_GROWTH = 16  # with 50 million certificates a new one tries 7 places; with levels of 1, 4, 16, … 11
_PROBES_PER_LEVEL = 2

_BEST_COMPRESSION = 9
_GZIP = 16 + zlib.MAX_WBITS
"""The window size that makes zlib write a gzip stream."""

CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2"


@dataclass(frozen=True, slots=True, order=True)
class StatusSlot:
    """A place on a status list.

    Attributes:
        number: of the list, from 1.
        position: of the bit, from 0; bit 0 is the highest of the first byte.
    """

    number: int
    position: int


@dataclass(frozen=True, slots=True)
class RevokedPositions:
    """The state of a list.

    Attributes:
        positions: of the revoked certificates.
        at: when the newest of them was revoked, milliseconds since 1970; None where there is none.
    """

    positions: tuple[int, ...]
    at: int | None


def candidate_slots(certificate_id: str) -> Iterator[StatusSlot]:
    """The places that a certificate may take, in the order in which it must try them."""
    first, lists = 1, 1
    for level in range(_LEVELS):
        for probe in range(_PROBES_PER_LEVEL):
            digest = blake2b(f"{certificate_id}/{level}/{probe}".encode(), digest_size=16).digest()
            number = first + int.from_bytes(digest[:8], "big") % lists
            yield StatusSlot(number, int.from_bytes(digest[8:], "big") % LIST_SIZE)
        first, lists = first + lists, lists * _GROWTH


def status_list_name(number: int) -> str:
    """The name of a list below the storage's root."""
    return f"status/{number}.json"


def status_entry(slot: StatusSlot, at: Locations) -> dict[str, str]:
    """The ``credentialStatus`` of a certificate."""
    url = at.document(status_list_name(slot.number))
    return {
        "id": f"{url}#{slot.position}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(slot.position),
        "statusListCredential": url,
    }


def status_list(number: int, revoked: RevokedPositions, *, issuer: str, at: Locations) -> dict[str, Any]:
    """The credential of a list, without its proof; it says which bits are set, and no more."""
    url = at.document(status_list_name(number))
    document: dict[str, Any] = {
        "@context": [CREDENTIALS_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
    }
    if revoked.at is not None:
        document["validFrom"] = timestamp(datetime.fromtimestamp(revoked.at // 1000, timezone.utc))
    document["credentialSubject"] = {
        "id": f"{url}#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": encoded_list(revoked.positions),
    }
    return document


def encoded_list(positions: Collection[int]) -> str:
    """``encodedList``: Multibase base64url of the gzipped bits (§3.3)."""
    bits = bytearray(LIST_SIZE // 8)
    for position in positions:
        bits[position >> 3] |= 0x80 >> (position & 7)
    # The header that zlib writes has no time, and no field that depends on the version of Python, as that of the
    # gzip module has: the same bits are the same text, and so have the same signature.
    deflate = zlib.compressobj(_BEST_COMPRESSION, zlib.DEFLATED, _GZIP)
    compressed = deflate.compress(bits) + deflate.flush()
    return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode("ascii")
