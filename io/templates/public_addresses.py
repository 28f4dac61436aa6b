"""Connecting to public addresses only, whatever a host name resolves to (server-side request forgery)."""

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpx

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.networks import FLAG, IPNetwork

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[IPAddress]]


def is_public(address: IPAddress) -> bool:
    """Whether anybody on the Internet could be meant.

    Not so for private, loopback, link-local, shared (CGNAT), multicast, reserved and unspecified addresses, nor
    for an IPv6 address that stands for such an IPv4 one.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _ipv4_within(address)
        if inner is not None:
            return is_public(inner)
        return address in _GLOBAL_UNICAST and address.is_global
    return address.is_global and not address.is_multicast


def _ipv4_within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def system_resolver(host: str, port: int) -> list[IPAddress]:
    """The addresses of a host name, the preferred one first, as the operating system gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(address[0]) for *_, address in found]


class PublicTransport(httpx.BaseTransport):
    """HTTP to hosts at public addresses.

    A host name is resolved here and the address that was checked is the one connected to, so that a second
    answer of the name service cannot lead elsewhere. There are three ways to a private address: a URL that
    spells it out, ``localhost`` for loopback addresses, and a network that is given here. Proxies in the
    environment are not used: they would resolve the name once more, out of reach of these checks.

    Args:
        networks: further networks whose addresses names may have.
        resolve: gives the addresses of a host name, or raises OSError.
    """

    def __init__(self, networks: Sequence[IPNetwork] = (), resolve: Resolve = system_resolver) -> None:
        self._networks = networks
        self._resolve = resolve
        # No connection is kept: one that was made for a host could serve another at the same address.
        self._transport = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first of the host's addresses that takes the connection.

        Raises:
            Rejected: ``template-refused``, when none of the addresses may be connected to.
            httpx.TransportError: when none answers.
        """
        host = request.url.raw_host.decode("ascii")
        if _is_address(host):
            return self._transport.handle_request(request)
        failure: httpx.TransportError | None = None
        for address in self._addresses(host, request):
            direct = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,  # where Host is still the name
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return self._transport.handle_request(direct)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or httpx.ConnectError(f"{host} has no address", request=request)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _addresses(self, host: str, request: httpx.Request) -> list[IPAddress]:
        """The addresses of a host that may be connected to."""
        try:
            found = self._resolve(host, request.url.port or socket.getservbyname(request.url.scheme))
        except OSError as error:
            raise httpx.ConnectError(f"{host} has no address: {error}", request=request) from error
        allowed = [address for address in found if self._may_connect(host, address)]
        if found and not allowed:
            raise Rejected(
                ErrorCode.TEMPLATE_REFUSED,
                f"{host} is at {found[0]}, which is no public address: name the address itself in --template_allow,"
                f" or its network in --{FLAG}",
            )
        return allowed

    def _may_connect(self, host: str, address: IPAddress) -> bool:
        is_local = host == "localhost" and address.is_loopback
        return is_local or is_public(address) or any(address in network for network in self._networks)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
