"""Caches of compiled templates and embedded pictures, for each worker process."""

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
"""How long after a failure a source is not requested again."""

_MEDIA_TYPES = {
    # first bytes of a picture: its media type
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"\x1f\x8b": "image/svg+xml",  # compressed, as .svgz
}


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    """Cache entry of a URL.

    Attributes:
        value: the value, or the error that prevented it.
        version: version of the file.
        size: size of the entry in bytes.
        checked: time of the last fetch or revalidation, in seconds of the cache's clock.
    """

    value: T | Rejected
    version: str
    size: int
    checked: float


class _Entries(LRUCache[str, _Entry[T]]):
    """Entries by URL; counts evictions."""

    def __init__(self, max_bytes: int, counts: Counter[str]) -> None:
        super().__init__(max_bytes, getsizeof=lambda entry: entry.size)
        self._counts = counts

    def popitem(self) -> tuple[str, _Entry[T]]:
        self._counts["evictions"] += 1
        return super().popitem()


class FreshCache(Generic[T]):
    """LRU cache of values made from fetched files, limited in bytes, with a time to live.

    The cache also has errors, so that a broken template is not fetched for each learner.

    It is thread-safe. If threads need the same URL, one of them loads it, and the others wait for it. No thread waits
    for the load of another URL. An expired entry is not used during its revalidation, so that a changed file is
    noticed after ``seconds`` at the latest.

    Args:
        source: source of the files.
        make: function that makes the value from a URL and its file.
        size: function that returns the size of a value in bytes.
        max_bytes: limit of the size of all values.
        seconds: time to live of an entry, after which the source is requested again.
        clock: monotonic clock, in seconds.
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
        # Protects the following attributes. It is not held while a file is fetched or a value is made.
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._entries: _Entries[T] = _Entries(max_bytes, self._counts)
        # The loads in progress, by URL: at most one for each thread.
        self._loads: dict[str, Future[_Entry[T] | None]] = {}

    def get(self, url: str) -> T:
        """Return the value made from the file at a URL.

        Raises:
            Rejected: if the file cannot be fetched, or no value can be made from it.
        """
        with self._lock:
            entry = self._fresh_entry(url)
        while entry is None:
            entry = self._load_or_wait(url)
        if isinstance(entry.value, Rejected):
            # Drop the traceback: otherwise it would grow with each learner.
            raise entry.value.with_traceback(None)
        return entry.value

    def take_counts(self) -> Counter[str]:
        """Return the hits, misses, refreshes and evictions since the last call."""
        with self._lock:
            counts = self._counts.copy()
            self._counts.clear()
            return counts

    def _fresh_entry(self, url: str) -> _Entry[T] | None:
        """Return an entry that has not expired, and count a hit. The caller must hold the lock."""
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
            None if the other thread failed with an error that is not :class:`Rejected`. The caller must try again.
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
        """Load an entry, store it, and release the waiting threads, even after an error."""
        entry = None
        try:
            entry = self._load(url, known)
            return entry
        finally:
            with self._lock:
                # Both under the same lock, so that no other thread loads it again in between.
                del self._loads[url]
                if entry is not None and entry.size <= self._entries.maxsize:
                    self._entries[url] = entry
            load.set_result(entry)

    def _load(self, url: str, known: _Entry[T] | None) -> _Entry[T]:
        try:
            fetched = self._source.fetch(url, known.version if known else "")
            if fetched is None and known is not None:
                return _Entry(known.value, known.version, known.size, self._clock())
            assert fetched is not None  # noqa: S101 - a source returns None for a known version only
            value = self._make(url, fetched)
            return _Entry(value, fetched.version, self._size(value), self._clock())
        except Unavailable as error:
            return self._while_unavailable(error, known)
        except Rejected as error:
            return _Entry(error, "", _FAILURE_SIZE, self._clock())

    def _while_unavailable(self, error: Unavailable, known: _Entry[T] | None) -> _Entry[T]:
        """Return an entry for a source that does not answer.

        It has the known value, or the error if there is no value, so that not each learner waits for the source.
        """
        checked = self._clock() - self._seconds + min(self._seconds, _UNAVAILABLE_SECONDS)
        if known is None or isinstance(known.value, Rejected):
            return _Entry(error, "", _FAILURE_SIZE, checked)
        return _Entry(known.value, known.version, known.size, checked)


class Templates:
    """Compiled templates and pictures of a worker process.

    Args:
        source: source of the files.
        max_bytes: limit of the size of all compiled templates. Pictures have a quarter of it in addition.
        seconds: time to live of an entry.
    """

    def __init__(self, source: TemplateSource, *, max_bytes: int, seconds: float) -> None:
        self._source = source
        self.images = FreshCache(source, _data_uri, len, max_bytes=max_bytes // 4, seconds=seconds)
        self.compiled = FreshCache(
            source, self._compile, lambda template: template.size, max_bytes=max_bytes, seconds=seconds
        )

    def template(self, url: str) -> CompiledTemplate:
        """Return the compiled template at a URL.

        Raises:
            Rejected: if it cannot be fetched or compiled.
        """
        return self.compiled.get(url)

    def image(self, url: str) -> str:
        """Return the picture at a URL as a ``data:`` URI. A ``data:`` URI is returned unchanged.

        Raises:
            Rejected: if it cannot be fetched, or is not a picture.
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
    """Return the media type by the content, because headers and file names are often wrong."""
    for magic, media_type in _MEDIA_TYPES.items():
        if fetched.body.startswith(magic):
            return media_type
    if b"<svg" in fetched.body[:4096]:
        return "image/svg+xml"
    if fetched.body[:4] == b"RIFF" and fetched.body[8:12] == b"WEBP":
        return "image/webp"
    raise Rejected(ErrorCode.IMAGE_UNKNOWN, f"{url} is not a PNG, JPEG, GIF, WebP or SVG picture")
