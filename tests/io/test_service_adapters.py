"""Open and close the adapters for HTTP services."""

import pytest

from certbeam.io.port_table import ASSERTION_SIGNER, COURSES, NOTICES, REGISTRY, USERS

SERVICES = [
    (REGISTRY, "certreg+http", "registry", "/certs/v2/registry/add"),
    (REGISTRY, "rc+http", "registry", "/api/v1/TrainingCertificate"),
]


@pytest.mark.parametrize(("port", "scheme", "name", "path"), SERVICES)
def test_an_address_without_a_path_has_that_of_production(port, scheme, name, path, monkeypatch):
    monkeypatch.setenv("API_KEY", "hush")
    adapter = port.open(f"{scheme}://platform.example.org:8080?api_key_env=API_KEY")
    service = adapter._service
    assert service.name == name
    assert service._base_url == f"http://platform.example.org:8080{path}"
    assert service._client.headers["Authorization"] == "hush"
    adapter.close()


@pytest.mark.parametrize(
    ("port", "address"),
    [
        (REGISTRY, "certreg+http://platform.example.org"),
        (REGISTRY, "rc+http://platform.example.org"),
        (USERS, "http://platform.example.org"),
        (COURSES, "http://platform.example.org"),
        (NOTICES, "http://platform.example.org"),
        (ASSERTION_SIGNER, "enc+http://platform.example.org"),
    ],
)
def test_closing_closes_the_connections(port, address):
    adapter = port.open(address)
    client = adapter._service._client
    adapter.close()
    assert client.is_closed
