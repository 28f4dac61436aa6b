"""Azurite, Microsoft's emulator of Azure Storage, from the npm registry."""

import base64
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from certbeam.deploy.services.server import Server, ask, free_port

FOLDER = Path(__file__).parent / "azurite"
ACCOUNT = "certbeam"
KEY = base64.b64encode(b"a key of no other account").decode()


class Azurite(Server):
    """The blob service, over HTTP, with one account; nothing is kept on disk."""

    def __init__(self) -> None:
        super().__init__("azurite")
        self.port = free_port()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    @property
    def connection(self) -> str:
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={self.endpoint}"

    def start(self) -> None:
        if not (FOLDER / "node_modules").exists():
            subprocess.run([_program("npm"), "ci", "--silent"], cwd=FOLDER, check=True)  # noqa: S603
        super().start()

    def command(self) -> Sequence[str]:
        return (
            *("env", f"AZURITE_ACCOUNTS={ACCOUNT}:{KEY}"),
            *(_program("node"), str(FOLDER / "node_modules/azurite/dist/src/blob/main.js")),
            *("--blobHost", "127.0.0.1"),
            *("--blobPort", str(self.port), "--inMemoryPersistence", "--skipApiVersionCheck"),
            *("--silent", "--disableTelemetry"),
        )

    def answers(self) -> bool:
        return ask(self.port, b"GET / HTTP/1.0\r\n\r\n", 4) == b"HTTP"


def _program(name: str) -> str:
    """Of the Node.js that is installed with the environment."""
    return str(Path(sys.executable).with_name(name))
