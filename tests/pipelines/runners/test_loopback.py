"""The servers that Beam opens in this process."""

import ipaddress

import grpc
import psutil
import pytest
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer

from certbeam.pipelines.runners.loopback import loopback, servers_on_loopback


def listening_at(port: int) -> list[ipaddress.IPv4Address]:
    texts = [
        connection.laddr.ip
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    ]
    return [ipaddress.IPv4Address(text.removeprefix("::ffff:")) for text in texts]


def test_the_worker_pool_of_the_loopback_environment_listens_on_loopback():
    with servers_on_loopback():
        address, server = BeamFnExternalWorkerPoolServicer.start()
    try:
        assert listening_at(int(address.rpartition(":")[2])) == [ipaddress.IPv4Address("127.0.0.1")]
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=30)
    finally:
        server.stop(None)


def test_grpc_servers_are_not_changed_after_the_block():
    make_server = grpc.server
    with pytest.raises(ValueError, match="a failure"), servers_on_loopback():  # noqa: PT012
        assert grpc.server is not make_server
        raise ValueError("a failure")
    assert grpc.server is make_server


@pytest.mark.parametrize(
    ("asked", "bound"),
    [
        ("[::]:0", "127.0.0.1:0"),
        ("0.0.0.0:5", "127.0.0.1:5"),
        (":5", "127.0.0.1:5"),
        ("localhost:5", "localhost:5"),
        ("192.0.2.1:5", "192.0.2.1:5"),
        ("[::1]:5", "[::1]:5"),
    ],
)
def test_only_the_address_of_all_interfaces_is_replaced(asked: str, bound: str):
    assert loopback(asked) == bound
