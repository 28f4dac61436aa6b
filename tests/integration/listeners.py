"""The ports that processes of the tests listen on."""

import ipaddress
from typing import NamedTuple

import psutil


class Listener(NamedTuple):
    """A port of a process.

    Attributes:
        program: the process's name.
    """

    program: str
    port: int
    on_loopback: bool


def listeners() -> set[Listener]:
    """Return the TCP ports that this process and those below it listen on."""
    own = psutil.Process()
    return {
        Listener(process.name(), connection.laddr.port, is_loopback(connection.laddr.ip))
        for process in (own, *own.children(recursive=True))
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }


def open_to_others() -> set[int]:
    """Return the ports that other machines may connect to."""
    return {listener.port for listener in listeners() if not listener.on_loopback}


def is_loopback(text: str) -> bool:
    """Return True for a loopback address, also one of IPv4 that is written as one of IPv6."""
    address = ipaddress.ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
