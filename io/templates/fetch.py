"""Fetching templates and pictures into memory: files here, everything else from where its scheme says."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Fetched, TemplateSource
from certbeam.io.templates.allow_list import AllowList
from certbeam.io.templates.limits import check_size


class AllowedSource:
    """:class:`~certbeam.io.protocols.TemplateSource` for the URLs on an allow-list.

    Args:
        allowed: what may be fetched.
        elsewhere: the sources of what is no file, by the scheme of its URL.
    """

    def __init__(self, allowed: AllowList, elsewhere: Mapping[str, TemplateSource] | None = None) -> None:
        self._allowed = allowed
        self._elsewhere = elsewhere or {}

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """See :class:`~certbeam.io.protocols.TemplateSource`."""
        resolved = self._allowed.resolve(url)
        scheme = resolved.partition(":")[0]
        if scheme == "file":
            return _read_file(resolved, known_version, self._allowed.prefixes)
        return self._elsewhere[scheme].fetch(resolved, known_version)

    def close(self) -> None:
        """Close the connections."""
        for source in self._elsewhere.values():
            source.close()


def _read_file(url: str, known_version: str, prefixes: tuple[str, ...]) -> Fetched | None:
    path = Path(unquote(urlsplit(url).path))
    with _readable(url):
        real = path.resolve(strict=True)
        # A symbolic link must not lead out of the allow-list either.
        folders = [
            Path(unquote(urlsplit(prefix).path)).resolve()
            for prefix in prefixes
            if prefix.startswith("file:")
        ]
        if not any(real.is_relative_to(folder) for folder in folders):
            raise Rejected(ErrorCode.TEMPLATE_REFUSED, f"{url} is a link that leads out of --template_allow")
        state = real.stat()
        version = f"{state.st_mtime_ns}-{state.st_size}"
        if version == known_version:
            return None
        check_size(url, state.st_size)
        return Fetched(real.read_bytes(), version)


def read_template(path: Path) -> bytes:
    """The template in a file that a person names, which no allow-list restricts.

    Raises:
        Rejected: when it cannot be read, or is too large.
    """
    with _readable(str(path)):
        check_size(str(path), path.stat().st_size)
        return path.read_bytes()


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Rejected(ErrorCode.TEMPLATE_MISSING, f"{name} cannot be read: {error.strerror}") from error
