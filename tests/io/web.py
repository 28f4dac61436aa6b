"""A fake web service without a socket, for adapters of HTTP services."""

from typing import Any

import httpx
import orjson

from certbeam.io.clients.http_service import HttpService
from certbeam.io.clients.service_errors import ServiceName

URL = "https://service.example.org/api"


class Web:
    """Records requests, and returns or raises the given responses in turn; the last one is repeated.

    Attributes:
        requests: method, path and body of each.
        service: the client that adapters call.
    """

    def __init__(self, *answers: Any, name: ServiceName = "registry", retry_seconds: float = 0.0) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self._answers = list(answers)
        self.service = HttpService(name, URL, {"Authorization": "hush"}, retry_seconds=retry_seconds)
        headers = self.service._client.headers
        self.service._client.close()
        self.service._client = httpx.Client(transport=httpx.MockTransport(self._answer), headers=headers)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        path = request.url.raw_path.decode().removeprefix("/api")
        self.requests.append((request.method, path, orjson.loads(content) if content else None))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        return httpx.Response(status, content=body if isinstance(body, bytes) else orjson.dumps(body))
