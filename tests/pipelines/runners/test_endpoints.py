"""Which endpoints a pool's workers may connect to."""

import ipaddress
import socket
from collections.abc import Mapping

import psutil
import pytest

from certbeam.io.uri.address import FlagError
from certbeam.pipelines.runners.endpoints import (
    AllowedHosts,
    ForeignEndpoint,
    IPAddress,
    RequestRefused,
    is_own,
    parse_allowed_hosts,
    split_endpoint,
)


class Names:
    """A name service; each look-up of a name takes its next answer."""

    def __init__(self, answers: Mapping[str, list[list[str]]]) -> None:
        self._answers = {name: list(all_answers) for name, all_answers in answers.items()}

    def __call__(self, host: str, _: int) -> list[IPAddress]:
        if host[0].isdecimal():
            return [ipaddress.ip_address(host)]
        if host not in self._answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [ipaddress.ip_address(text) for text in self._answers[host].pop(0)]


def hosts(*allowed: str, **answers: list[list[str]]) -> AllowedHosts:
    parsed = parse_allowed_hosts(allowed)
    named = {name.replace("_", "."): given for name, given in answers.items()}
    return AllowedHosts(parsed.names, parsed.networks, Names(named))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.3.2.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_loopback_addresses_belong_to_this_host(host: str):
    address, port = split_endpoint(AllowedHosts().check(f"{host}:4000"))
    assert ipaddress.ip_address(address).is_loopback
    assert port == 4000


def test_addresses_of_network_interfaces_belong_to_this_host():
    families = (socket.AF_INET, socket.AF_INET6)
    cards = psutil.net_if_addrs().values()
    texts = [
        one.address for card in cards for one in card if one.family in families and "%" not in one.address
    ]
    assert texts
    assert all(is_own(ipaddress.ip_address(text)) for text in texts)


@pytest.mark.parametrize(
    "address",
    [
        *("198.51.100.7", "10.255.255.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "169.254.169.254"),  # noqa: S104
        *("[2001:db8::7]", "[::]", "[fe80::7]", "[ff02::1]", "[::ffff:198.51.100.7]", "[64:ff9b::7f00:1]"),
    ],
)
def test_foreign_addresses_are_refused(address: str):
    with pytest.raises(ForeignEndpoint, match="not of this host"):
        AllowedHosts().check(f"{address}:4000")


@pytest.mark.parametrize(
    "endpoint",
    [
        *(
            "",
            ":",
            "localhost",
            "localhost:",
            ":4000",
            "localhost:0",
            "localhost:65536",
            "localhost:-1",
            "::1:4000",
        ),
        *("localhost:4000/x", "http://localhost:4000", "unix:///tmp/x", "unix:x", "dns:///localhost:4000"),
        *(
            "ipv4:127.0.0.1:4000,198.51.100.7:4000",
            "user@localhost:4000",
            "local host:4000",
            "localhost:４000",
        ),
        *("localhost:4000\n", '127.0.0.1:4000" other: "x', "[::1%lo]:4000", "[localhost]:4000", "-x:4000"),
        "a" * 300 + ":4000",
    ],
)
def test_malformed_endpoints_are_refused(endpoint: str):
    with pytest.raises(RequestRefused) as refused:
        AllowedHosts().check(endpoint)
    assert not isinstance(refused.value, ForeignEndpoint)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_a_name_that_resolves_to_this_host_is_accepted_with_its_address():
    assert hosts(pod_example=[["127.0.0.9"]]).check("pod.example:4000") == "127.0.0.9:4000"


def test_a_name_that_resolves_elsewhere_is_refused():
    with pytest.raises(ForeignEndpoint):
        hosts(evil_example=[["198.51.100.7"]]).check("evil.example:4000")


def test_only_the_own_address_of_a_name_with_several_addresses_is_used():
    allowed = hosts(both_example=[["198.51.100.7", "127.0.0.9"]])
    assert allowed.check("both.example:4000") == "127.0.0.9:4000"


def test_a_name_is_resolved_once():
    """A name service cannot give one address to the check and another one to the worker."""
    allowed = hosts(rebind_example=[["127.0.0.9"], ["198.51.100.7"]])
    assert allowed.check("rebind.example:4000") == "127.0.0.9:4000"


def test_a_name_without_an_address_is_refused():
    with pytest.raises(RequestRefused, match="has no address"):
        hosts().check("nowhere.example:4000")


def test_the_own_address_that_accepts_connections_is_used():
    with socket.create_server(("127.0.0.1", 0)) as task_manager:
        port = task_manager.getsockname()[1]
        allowed = hosts(localhost=[["::1", "127.0.0.8", "127.0.0.1"]])
        assert allowed.check(f"localhost:{port}") == f"127.0.0.1:{port}"


@pytest.mark.parametrize("endpoint", ["tm.example:4000", "TM.Example:4000"])
def test_a_host_that_is_allowed_by_name_is_accepted(endpoint: str):
    allowed = hosts("tm.example", tm_example=[["198.51.100.7"]], TM_Example=[["198.51.100.7"]])
    assert allowed.check(endpoint) == "198.51.100.7:4000"


def test_the_address_of_a_host_that_is_allowed_by_name_is_accepted():
    """A pool that is started again has the checked address of an endpoint, not its name."""
    assert (
        hosts("tm.example", tm_example=[["198.51.100.7"]]).check("198.51.100.7:4000") == "198.51.100.7:4000"
    )


@pytest.mark.parametrize("name", ["xtm.example", "tm.example.org", "example"])
def test_a_part_of_an_allowed_name_does_not_match(name: str):
    answers = {"tm_example": [["198.51.100.7"]], name.replace(".", "_"): [["198.51.100.8"]]}
    with pytest.raises(ForeignEndpoint):
        hosts("tm.example", **answers).check(f"{name}:4000")


@pytest.mark.parametrize("allowed", ["198.51.100.7", "198.51.100.0/24"])
def test_addresses_and_networks_can_be_allowed(allowed: str):
    assert parse_allowed_hosts([allowed]).check("198.51.100.7:4000") == "198.51.100.7:4000"
    with pytest.raises(ForeignEndpoint):
        parse_allowed_hosts([allowed]).check("198.51.101.7:4000")


@pytest.mark.parametrize(
    "value", ["", "*", "0.0.0.0/0", "::/0", "10.0.0.1/8", "tm.example:4000", "a b", "http://tm"]
)
def test_values_that_are_not_a_host_or_network_are_rejected(value: str):
    with pytest.raises(FlagError, match="allow_control"):
        parse_allowed_hosts([value])
