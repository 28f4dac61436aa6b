"""The per-worker caches of compiled templates and embedded pictures."""

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from cachetools import LRUCache

from certbeam.artwork.template import CompiledTemplate, compile_template
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.protocols import Fetched, TemplateSource
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
    """An LRU cache of values made from fetched files, bounded in bytes, revalidated after a time to live.

    Failures are kept too, or a broken template would be fetched once for each learner.

    Safe to share between threads. Threads that need the same URL load it once: one thread fetches it and makes the
    value, the others wait for that thread. No thread waits for the load of another URL. An entry past its time to
    live is not used while it is revalidated, so that ``seconds`` bounds how long a changed file goes unnoticed.

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
        # Guards all that follows. It is never held while a file is fetched or a value is made.
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._entries: _Entries[T] = _Entries(max_bytes, self._counts)
        # The loads that run now, by URL: one at most for each thread.
        self._loads: dict[str, Future[_Entry[T] | None]] = {}

    def get(self, url: str) -> T:
        """The value made from the file at ``url``.

        Raises:
            Rejected: when nothing can be made of it.
        """
        with self._lock:
            entry = self._fresh_entry(url)
        while entry is None:
            entry = self._load_or_wait(url)
        if isinstance(entry.value, Rejected):
            # Without the traces of those who met it before: they would pile up, a learner each.
            raise entry.value.with_traceback(None)
        return entry.value

    def take_counts(self) -> Counter[str]:
        """Hits, misses, refreshes and evictions since this was last asked."""
        with self._lock:
            counts = self._counts.copy()
            self._counts.clear()
            return counts

    def _fresh_entry(self, url: str) -> _Entry[T] | None:
        """The entry that can be used without a load, counted as a hit; the caller holds the lock."""
        try:
            entry = self._entries[url]  # get() would look it up twice
        except KeyError:
            return None
        if self._clock() - entry.checked >= self._seconds:
            return None
        self._counts["hits"] += 1
        return entry

    def _load_or_wait(self, url: str) -> _Entry[T] | None:
        """Load an entry, or wait for the thread that is loading it.

        Returns:
            None if that other thread failed with anything but :class:`Rejected`: then the caller tries itself.
        """
        with self._lock:
            if entry := self._fresh_entry(url):
                return entry
            load = self._loads.get(url)
            if is_first := load is None:
                known = self._entries.get(url)
                self._counts["misses" if known is None else "refreshes"] += 1
                load = self._loads[url] = Future()
        if is_first:
            return self._run_load(url, known, load)
        if entry := load.result():
            with self._lock:
                self._counts["hits"] += 1
        return entry

    def _run_load(self, url: str, known: _Entry[T] | None, load: "Future[_Entry[T] | None]") -> _Entry[T]:
        """Load an entry, keep it, and release the threads that wait for it, whatever happens."""
        entry = None
        try:
            entry = self._load(url, known)
            return entry
        finally:
            with self._lock:
                # Both at once, or a thread that comes in between would load it again.
                del self._loads[url]
                if entry is not None and entry.size <= self._entries.maxsize:
                    self._entries[url] = entry
            load.set_result(entry)

    def _load(self, url: str, known: _Entry[T] | None) -> _Entry[T]:
        try:
            fetched = self._source.fetch(url, known.version if known else "")
            if fetched is None and known is not None:
                return _Entry(known.value, known.version, known.size, self._clock())
            assert fetched is not None  # noqa: S101 - a source says None to a known version only
            value = self._make(url, fetched)
            return _Entry(value, fetched.version, self._size(value), self._clock())
        except Unavailable as error:
            return self._while_unavailable(error, known)
        except Rejected as error:
            return _Entry(error, "", _FAILURE_SIZE, self._clock())

    def _while_unavailable(self, error: Unavailable, known: _Entry[T] | None) -> _Entry[T]:
        """What was good before is still good; else the failure itself, for a while, or each learner would wait."""
        checked = self._clock() - self._seconds + min(self._seconds, _UNAVAILABLE_SECONDS)
        if known is None or isinstance(known.value, Rejected):
            return _Entry(error, "", _FAILURE_SIZE, checked)
        return _Entry(known.value, known.version, known.size, checked)


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
    raise Rejected(ErrorCode.IMAGE_UNKNOWN, f"{url} is no PNG, JPEG, GIF, WebP or SVG picture")
