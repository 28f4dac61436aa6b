"""Templates and pictures over HTTP, from public addresses."""

import time

import httpx
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.protocols import Fetched
from certbeam.io.templates.allow_list import AllowList
from certbeam.io.templates.limits import check_size
from certbeam.io.templates.networks import Networks
from certbeam.io.templates.public_addresses import PublicTransport
from certbeam.io.uri.address import Address

_TIMEOUT = httpx.Timeout(10.0)
_ATTEMPTS = 4
_DEADLINE_SECONDS = 20.0
"""Limit of a response, and of all attempts. The time-out above applies to each read."""


def open_http_templates(address: Address, allowed: AllowList, networks: Networks) -> "HttpTemplates":  # noqa: ARG001 - as every opener of templates
    """Open the source of templates over HTTP.

    Args:
        address: not used, because each URL has its host.
        allowed: not used, because the caller checks the URLs.
        networks: networks that are not public, but may be fetched from.
    """
    return HttpTemplates(PublicTransport(networks))


class HttpTemplates:
    """:class:`~certbeam.io.protocols.TemplateSource` of ``http`` and ``https`` URLs. The version is the ETag."""

    def __init__(self, transport: PublicTransport) -> None:
        # Redirects are not followed, because their targets may be outside of the allow-list.
        self._client = httpx.Client(transport=transport, timeout=_TIMEOUT, follow_redirects=False)
        self._retrying = Retrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(_DEADLINE_SECONDS),
            reraise=True,
        )

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """See :class:`~certbeam.io.protocols.TemplateSource`."""
        return self._retrying(self._get, url, known_version)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, url: str, known_version: str) -> Fetched | None:
        start = time.monotonic()
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
                    _check_time(url, start)
                return Fetched(bytes(body), response.headers.get("etag", ""))
        except httpx.RequestError as error:
            raise Unavailable(
                ErrorCode.TEMPLATE_UNAVAILABLE, f"{url} did not answer: {type(error).__name__}"
            ) from error


def _check_status(url: str, response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise Unavailable(ErrorCode.TEMPLATE_UNAVAILABLE, f"{url} answered {status}")
    if response.is_redirect:
        raise Rejected(ErrorCode.TEMPLATE_REFUSED, f"{url} answered with a redirect, which is not followed")
    raise Rejected(ErrorCode.TEMPLATE_MISSING, f"{url} answered {status}")


def _check_time(url: str, start: float) -> None:
    if time.monotonic() - start > _DEADLINE_SECONDS:
        raise Unavailable(ErrorCode.TEMPLATE_UNAVAILABLE, f"{url} took longer than {_DEADLINE_SECONDS:.0f} s")
