"""Encoders of texts that remember what they have encoded, within a bound of bytes."""

import threading
from collections.abc import Callable
from functools import lru_cache

import cachetools

_SHORT = 16_384
_SHORT_TEXTS = 256
_LONG_BYTES = 16_000_000


def remembering(encode: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Have an encoder remember its last results, for texts that a course's certificates share come again.

    Short ones are many, and are counted, which is quicker; long ones are pictures, and are weighed.
    """
    short = lru_cache(maxsize=_SHORT_TEXTS)(encode)
    kept: cachetools.LRUCache[str, bytes] = cachetools.LRUCache(_LONG_BYTES, getsizeof=len)
    long = cachetools.cached(kept, key=lambda text: text, lock=threading.Lock())(encode)

    def encoded(text: str) -> bytes:
        return short(text) if len(text) <= _SHORT else long(text)

    return encoded
