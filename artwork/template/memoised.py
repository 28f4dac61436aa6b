"""Memoise text encoders within a bound of entries and bytes."""

import threading
from collections.abc import Callable
from functools import lru_cache

import cachetools

_MAX_SHORT_LENGTH = 16_384  # characters
_MAX_SHORT_TEXTS = 256
_MAX_LONG_BYTES = 16_000_000


def memoise_encoder(encode: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Wrap an encoder so that it keeps its most recent results, which many certificates of a course share.

    Short texts are many: their cache is bounded by number, which is faster. Long texts are images: their cache is
    bounded by size.
    """
    encode_short = lru_cache(maxsize=_MAX_SHORT_TEXTS)(encode)
    results: cachetools.LRUCache[str, bytes] = cachetools.LRUCache(_MAX_LONG_BYTES, getsizeof=len)
    encode_long = cachetools.cached(results, key=lambda text: text, lock=threading.Lock())(encode)

    def encode_memoised(text: str) -> bytes:
        return encode_short(text) if len(text) <= _MAX_SHORT_LENGTH else encode_long(text)

    return encode_memoised
