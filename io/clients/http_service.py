"""Client of the platform's HTTP APIs, with pooled connections, time-outs, retries and a circuit breaker."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import orjson
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.circuit_breaker import CircuitBreaker
from certbeam.io.clients.service_errors import SERVICE_ERRORS, ServiceName
from certbeam.io.uri.address import Address
from certbeam.io.uri.service_address import service_address

T = TypeVar("T")
R = TypeVar("R")

CONCURRENCY = 10
"""Calls of one service in flight at once."""

_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_RETRY_SECONDS = 30.0
_MAX_WAIT_SECONDS = 3.0
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_PROCESSED = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
"""Status codes of requests that the service has certainly not processed."""


@dataclass(frozen=True, slots=True)
class ServiceResponse:
    """Response of a service.

    Attributes:
        status: HTTP status code.
        body: parsed JSON; an empty object if the response has none, None if JSON was not requested.
        text: the response as text, to search for error codes.
    """

    status: int
    body: Any
    text: str

    @property
    def ok(self) -> bool:
        """Return True if the request succeeded."""
        return httpx.codes.is_success(self.status)

    @property
    def result(self) -> JsonObject:
        """Return ``result`` of a Sunbird API's envelope; an empty object if the envelope does not have it."""
        result = self.body.get("result") if isinstance(self.body, Mapping) else None
        return result if isinstance(result, Mapping) else {}


def open_service(
    name: ServiceName, address: Address, default_path: str = "", *, retry_seconds: float = _RETRY_SECONDS
) -> "HttpService":
    """Open the client of a service.

    Args:
        name: name of the service, for error codes and reasons.
        address: see :func:`~certbeam.io.uri.service_address.service_address`.
        default_path: path of the API if the address has none.
        retry_seconds: how long a call is retried.

    Raises:
        FlagError: if the address is wrong.
    """
    service = service_address(address, default_path)
    return HttpService(name, service.url, service.headers, retry_seconds)


class _Failed(Exception):
    """A call without a usable response.

    Attributes:
        without_effect: True if the service has certainly not processed the request.
    """

    def __init__(self, reason: str, *, without_effect: bool) -> None:
        super().__init__(reason)
        self.without_effect = without_effect


class HttpService:
    """Client of one of the platform's services.

    Args:
        name: name of the service, for error codes and reasons.
        base_url: URL without a slash at the end.
        headers: headers of every request.
        retry_seconds: how long a call is retried.
    """

    def __init__(
        self,
        name: ServiceName,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        retry_seconds: float = _RETRY_SECONDS,
    ) -> None:
        self.name = name
        # httpx's own base URL is not used: it would append a slash to the URL itself.
        self._base_url = base_url
        self._client = httpx.Client(
            headers=headers,
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY),
        )
        self._breaker = CircuitBreaker()
        self._retry_seconds = retry_seconds
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix=f"certbeam-{name}")

    def get(self, path: str) -> ServiceResponse:
        """Send a GET request for JSON."""
        return self._call("GET", path, None, idempotent=True)

    def get_text(self, path: str) -> ServiceResponse:
        """Send a GET request for text; the response has no ``body``."""
        return self._call("GET", path, None, idempotent=True, is_json=False)

    def post(self, path: str, body: JsonObject, *, idempotent: bool) -> ServiceResponse:
        """Send a POST request with JSON.

        Args:
            path: path below the base URL.
            body: the JSON to send.
            idempotent: False if the request may be retried only if the service has certainly not processed it.
        """
        return self._call("POST", path, body, idempotent=idempotent)

    def delete(self, path: str) -> ServiceResponse:
        """Send a DELETE request. A retry may be answered with 404, because the first request had its effect."""
        return self._call("DELETE", path, None, idempotent=True)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Apply a function that calls this service to items, concurrently.

        Returns:
            The results, in order.

        Raises:
            Rejected: if a call raised it.
        """
        return list(self._pool.map(function, items))

    def map_or_errors(self, function: Callable[[T], R], items: Iterable[T]) -> list[R | Rejected]:
        """Apply a function that calls this service to items, concurrently.

        Returns:
            The result of each item, or the :class:`Rejected` that it raised, in order.
        """

        def apply(item: T) -> R | Rejected:
            try:
                return function(item)
            except Rejected as error:
                return error

        return self.map(apply, items)

    def refused(self, response: ServiceResponse) -> Rejected:
        """Return the error for an unexpected response."""
        return Rejected(
            SERVICE_ERRORS[self.name].refused, f"the {self.name} service answered {response.status}"
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.shutdown()
        self._client.close()

    def _call(
        self, method: str, path: str, body: JsonObject | None, *, idempotent: bool, is_json: bool = True
    ) -> ServiceResponse:
        retrying = Retrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, _Failed) and (idempotent or error.without_effect)
            ),
            wait=wait_random_exponential(multiplier=0.1, max=_MAX_WAIT_SECONDS),
            stop=stop_after_delay(self._retry_seconds),
            reraise=True,
        )
        try:
            return retrying(self._attempt, method, path, body, is_json)
        except _Failed as error:
            raise Unavailable(
                SERVICE_ERRORS[self.name].unavailable, f"the {self.name} service {error}"
            ) from error

    def _attempt(self, method: str, path: str, body: JsonObject | None, is_json: bool) -> ServiceResponse:
        if not self._breaker.may_call():
            raise _Failed("is down", without_effect=True)
        try:
            response = self._send(method, path, body, is_json)
        except _Failed:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return response

    def _send(self, method: str, path: str, body: JsonObject | None, is_json: bool) -> ServiceResponse:
        content = None if body is None else orjson.dumps(body)
        try:
            response = self._client.request(
                method, self._base_url + path, content=content, headers={"Content-Type": "application/json"}
            )
        except httpx.TransportError as error:
            raise _Failed(
                f"did not answer: {type(error).__name__}", without_effect=isinstance(error, _NOT_SENT)
            ) from error
        status = response.status_code
        if status in _NOT_PROCESSED or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _Failed(f"answered {status}", without_effect=status in _NOT_PROCESSED)
        return ServiceResponse(status, _parse_json(response) if is_json else None, response.text)


def _parse_json(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        if response.is_success and response.content:
            raise _Failed("answered something that is not JSON", without_effect=False) from error
        return {}
