"""Keep the gRPC servers that Beam opens in this process on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

_LOOPBACK = "127.0.0.1"
_ALL_INTERFACES = ("[::]", "0.0.0.0", "")  # noqa: S104 - these are replaced


@contextmanager
def servers_on_loopback() -> Iterator[None]:
    """Bind servers that are created in this context to 127.0.0.1 instead of all interfaces.

    Beam binds the worker of ``--environment_type=LOOPBACK`` and the direct runner's servers to ``[::]``, and
    advertises them as ``localhost``. A client of such a server can run code in this process, or read elements. Beam has
    no option for the address.
    """
    make_server = grpc.server

    def make_server_on_loopback(*arguments: Any, **options: Any) -> Any:
        server = make_server(*arguments, **options)
        add_port = server.add_insecure_port
        server.add_insecure_port = lambda address: add_port(loopback(address))
        return server

    grpc.server = make_server_on_loopback
    try:
        yield
    finally:
        grpc.server = make_server


def loopback(address: str) -> str:
    """Return ``HOST:PORT`` with 127.0.0.1 in place of a host that means all interfaces."""
    host, _, port = address.rpartition(":")
    return f"{_LOOPBACK}:{port}" if host in _ALL_INTERFACES else address
