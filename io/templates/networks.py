"""Networks that are not public, whose hosts templates and pictures may come from."""

import ipaddress
from collections.abc import Sequence

from certbeam.io.uri.address import FlagError

FLAG = "template_networks"

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Networks = tuple[IPNetwork, ...]


def parse_networks(values: Sequence[str]) -> Networks:
    """The networks of the flag's values, such as ``10.20.0.0/16``.

    Raises:
        FlagError: for a value that is no network.
    """
    networks = []
    for value in values:
        try:
            networks.append(ipaddress.ip_network(value))
        except ValueError as error:
            raise FlagError(FLAG, value, f"write a network as 10.20.0.0/16: {error}") from error
    return tuple(networks)
