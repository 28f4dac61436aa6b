"""A web service in this process that answers without a socket, for the adapters that call one."""

from typing import Any

import httpx
import orjson

from certbeam.io.clients.http_service import HttpService

URL = "https://service.example.org/api"


class Web:
    """Notes every request, and gives or raises the answers that a test prepared, in turn, the last one for ever.

    Attributes:
        requests: method, path and body of each.
        service: the adapter's way to it.
    """

    def __init__(self, *answers: Any, name: str = "registry", retry_seconds: float = 0.0) -> None:
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
