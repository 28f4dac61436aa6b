"""The per-worker caches of compiled templates and embedded pictures."""

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cachetools import LRUCache

from certbeam.credentials.errors import Rejected, Unavailable
from certbeam.credentials.template import CompiledTemplate, compile_template
from certbeam.io.ports import Fetched, TemplateSource
from certbeam.io.templates.fonts import system_fonts

T = TypeVar("T")

_FAILURE_SIZE = 1024
_UNAVAILABLE_SECONDS = 10.0
"""How long a source that does not answer is left alone."""

_MEDIA_TYPES = {
    # the first bytes of a picture: its media type
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"\x1f\x8b": "image/svg+xml",  # packed, as .svgz
}


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    """What was made of a URL, or why nothing was; ``checked`` is when it was last seen to be fresh."""

    value: T | Rejected
    version: str
    size: int
    checked: float


class _Entries(LRUCache[str, _Entry[T]]):
    """The entries by URL, which counts those that give way to others."""

    def __init__(self, max_bytes: int, counts: Counter[str]) -> None:
        super().__init__(max_bytes, getsizeof=lambda entry: entry.size)
        self._counts = counts

    def popitem(self) -> tuple[str, _Entry[T]]:
        self._counts["evictions"] += 1
        return super().popitem()


class FreshCache(Generic[T]):
    """An LRU of what is made from fetched files, bounded in bytes, asked for freshness after a time to live.

    What cannot be made is remembered too, or a broken template would be fetched once for each learner.

    Args:
        source: where the files come from.
        make: what is kept of a file.
        size: how many bytes a value takes.
        max_bytes: bound of all values together.
        seconds: time to live: how long a value is used before the source is asked whether it changed.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        source: TemplateSource,
        make: Callable[[str, Fetched], T],
        size: Callable[[T], int],
        *,
        max_bytes: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._make = make
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.RLock()
        self._counts: Counter[str] = Counter()
        self._entries: _Entries[T] = _Entries(max_bytes, self._counts)

    def get(self, url: str) -> T:
        """What was made of the file at ``url``.

        Raises:
            Rejected: when nothing can be made of it.
        """
        # One lock for all: while one thread compiles a template, the others would only compile it too.
        with self._lock:
            entry = self._entries.get(url)
            if entry is not None and self._clock() - entry.checked < self._seconds:
                self._counts["hits"] += 1
            else:
                self._counts["misses" if entry is None else "refreshes"] += 1
                entry = self._load(url, entry)
        if isinstance(entry.value, Rejected):
            # Without the traces of those who met it before: they would pile up, a learner each.
            raise entry.value.with_traceback(None)
        return entry.value

    def _while_unavailable(self, error: Unavailable, known: _Entry[T] | None) -> _Entry[T]:
        """What was good before is still good; else the failure itself, for a while, or each learner would wait."""
        checked = self._clock() - self._seconds + min(self._seconds, _UNAVAILABLE_SECONDS)
        if known is None or isinstance(known.value, Rejected):
            return _Entry(error, "", _FAILURE_SIZE, checked)
        return _Entry(known.value, known.version, known.size, checked)

    def take_counts(self) -> Counter[str]:
        """Hits, misses, refreshes and evictions since this was last asked."""
        with self._lock:
            counts = self._counts.copy()
            self._counts.clear()
            return counts

    def _load(self, url: str, known: _Entry[T] | None) -> _Entry[T]:
        try:
            fetched = self._source.fetch(url, known.version if known else "")
            if fetched is None and known is not None:
                entry = _Entry(known.value, known.version, known.size, self._clock())
            else:
                assert fetched is not None  # noqa: S101 - a source says None to a known version only
                value = self._make(url, fetched)
                entry = _Entry(value, fetched.version, self._size(value), self._clock())
        except Unavailable as error:
            entry = self._while_unavailable(error, known)
        except Rejected as error:
            entry = _Entry(error, "", _FAILURE_SIZE, self._clock())
        if entry.size <= self._entries.maxsize:
            self._entries[url] = entry
        return entry


class Templates:
    """Compiled templates and pictures of one worker process."""

    def __init__(self, source: TemplateSource, *, max_bytes: int, seconds: float) -> None:
        self._source = source
        self.images = FreshCache(source, _data_uri, len, max_bytes=max_bytes // 4, seconds=seconds)
        self.compiled = FreshCache(
            source, self._compile, lambda template: template.size, max_bytes=max_bytes, seconds=seconds
        )

    def template(self, url: str) -> CompiledTemplate:
        """The compiled template at ``url``.

        Raises:
            Rejected: when it cannot be fetched or compiled.
        """
        return self.compiled.get(url)

    def image(self, url: str) -> str:
        """The picture at ``url`` as a ``data:`` URI; one that is a ``data:`` URI already stays as it is.

        Raises:
            Rejected: when it cannot be fetched, or is no picture.
        """
        return url if url.startswith("data:image/") else self.images.get(url)

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _compile(self, _url: str, fetched: Fetched) -> CompiledTemplate:
        return compile_template(fetched.body, embed=self.image, fonts=system_fonts())


def _data_uri(url: str, fetched: Fetched) -> str:
    body = base64.b64encode(fetched.body).decode("ascii")
    return f"data:{_media_type(url, fetched)};base64,{body}"


def _media_type(url: str, fetched: Fetched) -> str:
    """By the content, for what a server or a file name declares is often wrong."""
    for magic, media_type in _MEDIA_TYPES.items():
        if fetched.body.startswith(magic):
            return media_type
    if b"<svg" in fetched.body[:4096]:
        return "image/svg+xml"
    if fetched.body[:4] == b"RIFF" and fetched.body[8:12] == b"WEBP":
        return "image/webp"
    raise Rejected("image-unknown", f"{url} is no PNG, JPEG, GIF, WebP or SVG picture")
