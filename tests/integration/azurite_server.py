"""Azurite, Microsoft's emulator of Azure Storage, from the npm registry (``make javascript``)."""

import base64
import sys
from collections.abc import Sequence
from pathlib import Path

from certbeam.deploy.services.server import Server, ask, free_port

MAIN = Path(__file__).parent / "azurite/node_modules/azurite/dist/src/blob/main.js"
ACCOUNT = "certbeam"
KEY = base64.b64encode(b"a key of no other account").decode()


class Azurite(Server):
    """The blob service over HTTP, with one account, in memory."""

    def __init__(self) -> None:
        super().__init__("azurite")
        self.port = free_port()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    @property
    def connection(self) -> str:
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={self.endpoint}"

    def command(self) -> Sequence[str]:
        return (
            *("env", f"AZURITE_ACCOUNTS={ACCOUNT}:{KEY}"),
            # Of the Node.js that is installed with the environment.
            *(str(Path(sys.executable).with_name("node")), str(MAIN)),
            *("--blobHost", "127.0.0.1"),
            *("--blobPort", str(self.port), "--inMemoryPersistence", "--skipApiVersionCheck"),
            *("--silent", "--disableTelemetry"),
        )

    def answers(self) -> bool:
        return ask(self.port, b"GET / HTTP/1.0\r\n\r\n", 4) == b"HTTP"
