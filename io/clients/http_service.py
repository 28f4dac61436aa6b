"""Calls to the platform's HTTP APIs: pooled, timed, tried again where that is safe, kept off what is down."""

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

T = TypeVar("T")
R = TypeVar("R")

CONCURRENCY = 10
"""Calls under way at once."""

_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_RETRY_SECONDS = 30.0
_MAX_WAIT_SECONDS = 3.0
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_HANDLED = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
"""Answers that say that nothing was done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes:
        body: the JSON in it; an empty object where the answer holds none.
        text: the answer as text, for error codes in answers of any kind.
    """

    status: int
    body: Any
    text: str

    @property
    def ok(self) -> bool:
        """Whether the call did what was asked."""
        return httpx.codes.is_success(self.status)

    @property
    def result(self) -> JsonObject:
        """``result`` of a Sunbird API's envelope."""
        found = self.body.get("result") if isinstance(self.body, Mapping) else None
        return found if isinstance(found, Mapping) else {}


class _Failed(Exception):
    """A call without a usable answer.

    Attributes:
        safe: whether the service has certainly done nothing.
    """

    def __init__(self, reason: str, *, safe: bool) -> None:
        super().__init__(reason)
        self.safe = safe


class HttpService:
    """One of the platform's services.

    Args:
        name: of the service, for codes and reasons, such as ``users``.
        base_url: without a slash at the end.
        headers: sent with every call.
        retry_seconds: how long a call is tried again.
    """

    def __init__(
        self,
        name: ServiceName,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        retry_seconds: float = _RETRY_SECONDS,
    ) -> None:
        self.name = name
        # Not httpx's own base, which would put a slash behind the URL itself.
        self._base_url = base_url
        self._client = httpx.Client(
            headers=headers,
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY),
        )
        self._breaker = CircuitBreaker()
        self._retry_seconds = retry_seconds
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix=f"certbeam-{name}")

    def get(self, path: str) -> Answer:
        """Read."""
        return self._call("GET", path, None, repeatable=True)

    def get_text(self, path: str) -> Answer:
        """Read what is no JSON: the answer has no ``body``."""
        return self._call("GET", path, None, repeatable=True, is_json=False)

    def post(self, path: str, body: JsonObject, *, repeatable: bool) -> Answer:
        """Send JSON; unless it is ``repeatable``, it is sent again only where it has certainly had no effect."""
        return self._call("POST", path, body, repeatable=repeatable)

    def delete(self, path: str) -> Answer:
        """Take away; what is gone already answers 404."""
        return self._call("DELETE", path, None, repeatable=True)

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """The results of a function that calls this service, for many items at a time."""
        return list(self._pool.map(function, items))

    def refused(self, answer: Answer) -> Rejected:
        """The error for an answer that nobody can do anything with."""
        return Rejected(
            SERVICE_ERRORS[self.name].refused, f"the {self.name} service answered {answer.status}"
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.shutdown()
        self._client.close()

    def _call(
        self, method: str, path: str, body: JsonObject | None, *, repeatable: bool, is_json: bool = True
    ) -> Answer:
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, _Failed) and (repeatable or error.safe)),
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

    def _attempt(self, method: str, path: str, body: JsonObject | None, is_json: bool) -> Answer:
        if not self._breaker.may_call():
            raise _Failed("is down", safe=True)
        try:
            answer = self._once(method, path, body, is_json)
        except _Failed:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    def _once(self, method: str, path: str, body: JsonObject | None, is_json: bool) -> Answer:
        content = None if body is None else orjson.dumps(body)
        try:
            response = self._client.request(
                method, self._base_url + path, content=content, headers={"Content-Type": "application/json"}
            )
        except httpx.TransportError as error:
            raise _Failed(
                f"did not answer: {type(error).__name__}", safe=isinstance(error, _NOT_SENT)
            ) from error
        status = response.status_code
        if status in _NOT_HANDLED or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _Failed(f"answered {status}", safe=status in _NOT_HANDLED)
        return Answer(status, _json(response) if is_json else None, response.text)


def _json(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        if response.is_success and response.content:
            raise _Failed("answered something that is no JSON", safe=False) from error
        return {}
