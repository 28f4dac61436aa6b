"""Connections to public IP addresses only, as a protection against server-side request forgery."""

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
    """Return True if an address is in the public Internet.

    Private, loopback, link-local, shared (CGNAT), multicast, reserved and unspecified addresses are not public. An
    IPv6 address that contains an IPv4 address is public if the IPv4 address is.
    """
    if isinstance(address, ipaddress.IPv6Address):
        ipv4 = _embedded_ipv4(address)
        if ipv4 is not None:
            return is_public(ipv4)
        return address in _GLOBAL_UNICAST and address.is_global
    return address.is_global and not address.is_multicast


def _embedded_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def system_resolver(host: str, port: int) -> list[IPAddress]:
    """Return the IP addresses of a host name, in the operating system's order of preference."""
    results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(address[0]) for *_, address in results]


class PublicTransport(httpx.BaseTransport):
    """HTTP transport to hosts with public addresses.

    It resolves a host name once, checks the addresses, and connects to a checked address. So a second, different
    answer of the name service has no effect. Three kinds of private addresses are allowed: an address in the URL
    itself, loopback addresses of ``localhost``, and addresses in the given networks. Proxies of the environment are
    not used, because they would resolve the name again, without these checks.

    Args:
        networks: networks whose addresses are allowed although they are not public.
        resolve: function that returns the addresses of a host name and port, or raises OSError.
    """

    def __init__(self, networks: Sequence[IPNetwork] = (), resolve: Resolve = system_resolver) -> None:
        self._networks = networks
        self._resolve = resolve
        # No connection is reused: another host could have the same address.
        self._transport = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first address of the host that accepts the connection.

        Raises:
            Rejected: ``template-refused`` if no address is allowed.
            httpx.TransportError: if no address accepts the connection, or the request fails.
        """
        host = request.url.raw_host.decode("ascii")
        if _is_address(host):
            return self._transport.handle_request(request)
        failure: httpx.TransportError | None = None
        for address in self._addresses(host, request):
            direct = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,  # Host is the name
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
        """Return the allowed addresses of a host."""
        try:
            addresses = self._resolve(host, request.url.port or socket.getservbyname(request.url.scheme))
        except OSError as error:
            raise httpx.ConnectError(f"{host} has no address: {error}", request=request) from error
        allowed = [address for address in addresses if self._is_allowed(host, address)]
        if addresses and not allowed:
            raise Rejected(
                ErrorCode.TEMPLATE_REFUSED,
                f"{host} is at {addresses[0]}, which is not a public address: name the address itself in"
                f" --template_allow, or its network in --{FLAG}",
            )
        return allowed

    def _is_allowed(self, host: str, address: IPAddress) -> bool:
        is_local = host == "localhost" and address.is_loopback
        return is_local or is_public(address) or any(address in network for network in self._networks)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
