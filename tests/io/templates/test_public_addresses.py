"""The IP addresses that templates may be fetched from."""

import datetime
import ipaddress
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import httpx
import pytest
import tenacity
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.template_sources import AllowedSource, open_templates
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.http_templates import HttpTemplates
from certbeam.io.templates.networks import parse_networks
from certbeam.io.templates.public_addresses import PublicTransport, is_public, system_resolver
from certbeam.io.uri.address import FlagError
from certbeam.tests.support import present, serving

NAME = "templates.example"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.svg").write_bytes(b"<svg/>")
    made = serving(tmp_path)
    yield made
    made.close()


@pytest.fixture
def fetch(site):
    """Fetches a.svg from a host with these addresses; an address may be connected to if it is in a network."""
    opened = []

    def fetch_from(*addresses, host=NAME, networks=(), scheme="http"):
        answers = [[ipaddress.ip_address(address) for address in addresses]]
        port = site.url.rpartition(":")[2]
        allowed = parse_allow_list([f"{scheme}://{host}:{port}/t"], None)
        # A second question to the name service fails the test.
        transport = PublicTransport(parse_networks(networks), lambda *_: answers.pop())
        web = HttpTemplates(transport)
        web._retrying.stop = tenacity.stop_after_attempt(1)
        source = AllowedSource(allowed, {scheme: web})
        opened.append(source)
        return present(source.fetch("a.svg")).body

    yield fetch_from
    for source in opened:
        source.close()


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1"),
        *("198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1"),
        # Teredo (RFC 4380) of the client 10.0.0.1, whose bits are inverted.
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:a9fe:a9fe::1", "::127.0.0.1"),
    ],
)
def test_an_address_that_is_not_public_is_refused_before_any_request(site, fetch, address):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(Rejected, match=f"{NAME} is at .* not a public address") as error:
        fetch(address)
    assert error.value.code == "template-refused"
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
        "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
    ],
)
def test_an_address_on_the_internet_is_public(address):
    assert is_public(ipaddress.ip_address(address))


def test_a_host_in_an_allowed_network_gets_its_name_in_the_request(site, fetch):
    assert fetch("127.0.0.1", networks=["127.0.0.0/30"]) == b"<svg/>"
    assert site.asked == ["/t/a.svg"]


def test_only_the_allowed_addresses_of_a_host_are_tried(site, fetch):
    addresses = ["10.9.9.9", "127.0.0.3", "127.0.0.1"]  # nobody listens at the second
    assert fetch(*addresses, networks=["127.0.0.0/30"]) == b"<svg/>"


def test_a_private_address_in_the_url_and_localhost_are_allowed(fetch):
    assert fetch(host="127.0.0.1") == b"<svg/>"
    assert fetch("127.0.0.1", host="localhost") == b"<svg/>"


@pytest.mark.parametrize("host", ["localhost.example", "localhost"])
def test_localhost_with_other_addresses_is_refused(fetch, host):
    with pytest.raises(Rejected, match="not a public address"):
        fetch("10.0.0.1", host=host)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1"])
def test_an_unusual_spelling_of_an_address_is_refused(site, host):
    source = open_templates([f"http://{host}:{site.url.rpartition(':')[2]}/t"], None)
    with pytest.raises(Rejected, match=r"127\.0\.0\.1, which is not a public address"):
        source.fetch("a.svg")
    source.close()


def test_a_proxy_in_the_environment_is_not_used(site, fetch, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, site.url)
    with pytest.raises(Rejected, match="not a public address"):
        fetch("10.0.0.1")
    assert site.asked == []


def test_a_name_without_an_address_is_unavailable(site):
    def unknown(*_):
        raise OSError("no such name")

    source = HttpTemplates(PublicTransport(resolve=unknown))
    source._retrying.stop = tenacity.stop_after_attempt(1)
    with pytest.raises(Unavailable):
        source.fetch(f"http://{NAME}/t/a.svg")
    source.close()


@pytest.mark.parametrize("value", ["10.0.0.1/8", "intranet", "10.0.0.0/33"])
def test_a_value_that_is_not_a_network_is_refused_with_its_flag(value):
    with pytest.raises(FlagError, match=f"^--template_networks={value}"):
        parse_networks([value])


class _Lasting(BaseHTTPRequestHandler):
    """A handler that keeps connections open, and records the port of each client."""

    protocol_version = "HTTP/1.1"
    ports: ClassVar[list[int]] = []

    def do_GET(self):
        self.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<svg/>")

    def log_message(self, *_):
        pass


def test_each_request_opens_a_new_connection():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Lasting)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    source = HttpTemplates(PublicTransport())
    for _ in range(3):
        source.fetch(f"http://127.0.0.1:{server.server_port}/a.svg")
    assert len(set(_Lasting.ports)) == 3
    source.close()
    server.shutdown()
    thread.join()
    server.server_close()


class TestTls:
    @pytest.fixture
    def secured(self, site, tmp_path, monkeypatch):
        """The site's certificate is for NAME, and trusted."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        file = tmp_path / "site.pem"
        pem = serialization.Encoding.PEM
        plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        site.secure(context)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))

    @pytest.mark.usefixtures("secured")
    def test_the_certificate_must_be_for_the_host_name(self, fetch):
        local = {"networks": ["127.0.0.0/8"], "scheme": "https"}
        assert fetch("127.0.0.1", **local) == b"<svg/>"
        with pytest.raises(Unavailable):
            fetch("127.0.0.1", host="other.example", **local)


@pytest.fixture
def attempts(monkeypatch):
    """The addresses to which connections are attempted; each attempt is refused."""
    addresses = []

    def refuse(_transport, request):
        addresses.append(request.url.host)
        raise httpx.ConnectError(f"{request.url.host} refuses the connection", request=request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    return addresses


def connect(url, resolve):
    transport = PublicTransport(resolve=resolve)
    try:
        return transport.handle_request(httpx.Request("GET", url))
    finally:
        transport.close()


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_a_host_at_a_public_address_is_connected_to_without_further_networks(attempts, address):
    with pytest.raises(httpx.ConnectError):
        connect(f"http://{NAME}/a.svg", lambda *_: [ipaddress.ip_address(address)])
    assert attempts == [address]


def test_all_public_addresses_are_tried_and_the_last_failure_is_reported(attempts):
    addresses = [ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("8.8.4.4")]
    with pytest.raises(httpx.ConnectError, match=r"^8\.8\.4\.4 refuses the connection"):
        connect(f"http://{NAME}/a.svg", lambda *_: addresses)
    assert attempts == ["8.8.8.8", "8.8.4.4"]


def test_a_host_without_addresses_is_reported_as_such(attempts):
    with pytest.raises(httpx.ConnectError, match=f"^{NAME} has no address"):
        connect(f"http://{NAME}/a.svg", lambda *_: [])
    assert attempts == []


@pytest.mark.parametrize(
    ("url", "port"),
    [(f"http://{NAME}/a", 80), (f"https://{NAME}/a", 443), (f"https://{NAME}:8443/a", 8443)],
)
def test_a_host_is_resolved_with_the_port_of_its_url_or_of_its_scheme(url, port):
    lookups = []

    def resolve(*lookup):
        lookups.append(lookup)
        return []

    with pytest.raises(httpx.ConnectError):
        connect(url, resolve)
    assert lookups == [(NAME, port)]


def test_the_system_resolver_returns_each_address_once():
    addresses = system_resolver("localhost", 80)
    assert addresses
    assert len(addresses) == len(set(addresses))
    assert all(address.is_loopback for address in addresses)
