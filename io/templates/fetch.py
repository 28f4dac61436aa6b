"""Fetching templates and pictures into memory, from files and over HTTP."""

import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from certbeam.credentials.errors import Rejected, Unavailable
from certbeam.io.ports import Fetched, TemplateSource
from certbeam.io.templates.allow_list import AllowList
from certbeam.io.templates.limits import check_size
from certbeam.io.templates.public_addresses import PublicTransport

_TIMEOUT = httpx.Timeout(10.0)
_ATTEMPTS = 4
_DEADLINE_SECONDS = 20.0
"""Of one answer, and of all attempts at it: the time-out above is of each read alone."""


class AllowedSource:
    """:class:`~certbeam.io.ports.TemplateSource` for ``file``, ``http`` and ``https`` URLs on an allow-list.

    Args:
        allowed: what may be fetched.
        elsewhere: sources for URLs of further schemes, by scheme.
        transport: what HTTP requests go through; that to public addresses by default.
    """

    def __init__(
        self,
        allowed: AllowList,
        elsewhere: Mapping[str, TemplateSource] | None = None,
        transport: PublicTransport | None = None,
    ) -> None:
        self._allowed = allowed
        self._elsewhere = elsewhere or {}
        # A redirect could lead out of the allow-list, so none is followed.
        self._client = httpx.Client(
            transport=transport or PublicTransport(), timeout=_TIMEOUT, follow_redirects=False
        )
        self._retrying = Retrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(_DEADLINE_SECONDS),
            reraise=True,
        )

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """See :class:`~certbeam.io.ports.TemplateSource`."""
        resolved = self._allowed.resolve(url)
        scheme = resolved.partition(":")[0]
        if scheme in self._elsewhere:
            return self._elsewhere[scheme].fetch(resolved, known_version)
        if scheme == "file":
            return _read_file(resolved, known_version, self._allowed.prefixes)
        return self._retrying(self._get, resolved, known_version)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        for source in self._elsewhere.values():
            source.close()

    def _get(self, url: str, known_version: str) -> Fetched | None:
        begun = time.monotonic()
        headers = {"If-None-Match": known_version} if known_version else {}
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                if response.status_code == httpx.codes.NOT_MODIFIED:
                    return None
                _check_status(url, response)
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    check_size(url, len(body))
                    _check_time(url, begun)
                return Fetched(bytes(body), response.headers.get("etag", ""))
        except httpx.RequestError as error:
            raise Unavailable(
                "template-unavailable", f"{url} did not answer: {type(error).__name__}"
            ) from error


def _check_status(url: str, response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise Unavailable("template-unavailable", f"{url} answered {status}")
    if response.is_redirect:
        raise Rejected("template-refused", f"{url} answered with a redirect, which is not followed")
    raise Rejected("template-missing", f"{url} answered {status}")


def _check_time(url: str, begun: float) -> None:
    if time.monotonic() - begun > _DEADLINE_SECONDS:
        raise Unavailable("template-unavailable", f"{url} took longer than {_DEADLINE_SECONDS:.0f} s")


def _read_file(url: str, known_version: str, prefixes: tuple[str, ...]) -> Fetched | None:
    path = Path(unquote(urlsplit(url).path))
    try:
        real = path.resolve(strict=True)
        # A symbolic link must not lead out of the allow-list either.
        folders = [
            Path(unquote(urlsplit(prefix).path)).resolve()
            for prefix in prefixes
            if prefix.startswith("file:")
        ]
        if not any(real.is_relative_to(folder) for folder in folders):
            raise Rejected("template-refused", f"{url} is a link that leads out of --template_allow")
        state = real.stat()
        version = f"{state.st_mtime_ns}-{state.st_size}"
        if version == known_version:
            return None
        check_size(url, state.st_size)
        return Fetched(real.read_bytes(), version)
    except OSError as error:
        raise Rejected("template-missing", f"{url} cannot be read: {error.strerror}") from error
