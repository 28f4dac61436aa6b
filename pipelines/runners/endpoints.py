"""Check of the endpoints that a pool's workers may connect to: those of this host and of allowed hosts.

A worker runs the code that its control endpoint sends. So an endpoint is resolved once, its address is checked, and
the worker gets the checked address. A different second answer of the name service has no effect.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import grpc

from certbeam.io.uri.address import FlagError

FLAG = "allow_control"

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[IPAddress]]

_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_ENDPOINT = re.compile(rf"(?P<host>{_HOST_NAME.pattern}|\[[0-9A-Fa-f:.]{{2,45}}\]):(?P<port>[0-9]{{1,5}})")
_MAX_PORT = 65535
_CONNECT_SECONDS = 1.0
_SHOWN_CHARACTERS = 80


class RequestRefused(ValueError):
    """A malformed request to the pool. The message quotes the value and describes a valid one.

    Attributes:
        code: the gRPC status for the caller.
    """

    code = grpc.StatusCode.INVALID_ARGUMENT


class ForeignEndpoint(RequestRefused):
    """An endpoint of a host that workers must not connect to."""

    code = grpc.StatusCode.PERMISSION_DENIED


def system_resolver(host: str, port: int) -> list[IPAddress]:
    """Return the addresses of a host name in the operating system's order.

    IPv6 addresses that need an interface's name are left out. IPv4 addresses written as IPv6 ones become IPv4.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = [str(address[0]) for *_, address in answers]
    return [_unmap(ipaddress.ip_address(text)) for text in dict.fromkeys(texts) if "%" not in text]


def is_own(address: IPAddress) -> bool:
    """Return True for a loopback address, and for an address of one of this host's interfaces."""
    if address.is_loopback:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        # Nothing is sent. A packet to an address of this host leaves from that address, and no other packet does.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            source = ipaddress.ip_address(probe.getsockname()[0])
    except OSError:
        return False
    return source == address


def listens(endpoint: str) -> bool:
    """Return True if a connection to ``ADDRESS:PORT`` is accepted."""
    host, port = split_endpoint(endpoint)
    try:
        socket.create_connection((host, port), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def split_endpoint(endpoint: str) -> tuple[str, int]:
    """Split ``HOST:PORT``, and remove the brackets of an IPv6 address.

    Raises:
        RequestRefused: if it is malformed.
    """
    match = _ENDPOINT.fullmatch(endpoint)
    if match is None or not 0 < int(match["port"]) <= _MAX_PORT:
        raise RequestRefused(f"the endpoint {quote(endpoint)} is malformed: give HOST:PORT")
    return match["host"].strip("[]"), int(match["port"])


def quote(value: str) -> str:
    """Quote a value of a request for a message: escaped, on one line, and of limited length."""
    return ascii(value[:_SHOWN_CHARACTERS]) + ("…" if len(value) > _SHOWN_CHARACTERS else "")


@dataclass(frozen=True)
class AllowedHosts:
    """The hosts that workers may connect to: always this one, and those named here.

    Attributes:
        names: host names in lower case.
        networks: networks; a single address is a network of one.
        resolve: returns the addresses of a host name, or raises OSError.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[IPNetwork, ...] = ()
    resolve: Resolve = system_resolver

    def check(self, endpoint: str) -> str:
        """Return ``ADDRESS:PORT`` of an endpoint, with the address that was checked.

        Of several allowed addresses of a host name, the first one that accepts a connection is taken.

        Raises:
            RequestRefused: if the endpoint is malformed or its host has no address.
            ForeignEndpoint: if none of the host's addresses is allowed.
        """
        host, port = split_endpoint(endpoint)
        addresses = list(self._addresses(host, port))
        allowed = [_join(address, port) for address in addresses if self._allows(host, address)]
        if not addresses:
            raise RequestRefused(f"the host of the endpoint {quote(endpoint)} has no address")
        if not allowed:
            raise ForeignEndpoint(
                f"the endpoint {quote(endpoint)} is not of this host: if you trust its task manager,"
                f" start the pool with --{FLAG}={host}"
            )
        return next(filter(listens, allowed), allowed[0]) if len(allowed) > 1 else allowed[0]

    def _allows(self, host: str, address: IPAddress) -> bool:
        return (
            is_own(address)
            or host.lower() in self.names
            or any(address in network for network in self.networks)
            # An endpoint that was checked before has an address instead of the name.
            or any(address in self._addresses(name, 0) for name in self.names)
        )

    def _addresses(self, host: str, port: int) -> Iterator[IPAddress]:
        try:
            yield from self.resolve(host, port)
        except (OSError, UnicodeError):
            return


def parse_allowed_hosts(values: Sequence[str]) -> AllowedHosts:
    """Parse the flag's values: host names, addresses, and networks such as ``10.20.0.0/16``.

    Raises:
        FlagError: if a value has another form, or is a network of all addresses.
    """
    names, networks = set(), []
    for value in values:
        try:
            networks.append(ipaddress.ip_network(value))
        except ValueError as error:
            if "/" in value or not _HOST_NAME.fullmatch(value):
                raise FlagError(
                    FLAG, value, "it is not a host name, an address or a network: give one of these"
                ) from error
            names.add(value.lower())
    for network in networks:
        if network.prefixlen == 0:
            raise FlagError(
                FLAG, str(network), "this network contains all hosts: give only the hosts that you trust"
            )
    return AllowedHosts(frozenset(names), tuple(networks))


def _unmap(address: IPAddress) -> IPAddress:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _join(address: IPAddress, port: int) -> str:
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
