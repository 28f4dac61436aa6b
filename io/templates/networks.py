"""Networks that are not public, but whose hosts templates and pictures may be fetched from."""

import ipaddress
from collections.abc import Sequence

from certbeam.io.uri.address import FlagError

FLAG = "template_networks"

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Networks = tuple[IPNetwork, ...]


def parse_networks(values: Sequence[str]) -> Networks:
    """Parse the values of ``--template_networks``, such as ``10.20.0.0/16``.

    Raises:
        FlagError: if a value is not a network.
    """
    networks = []
    for value in values:
        try:
            networks.append(ipaddress.ip_network(value))
        except ValueError as error:
            raise FlagError(FLAG, value, f"write a network as 10.20.0.0/16: {error}") from error
    return tuple(networks)
