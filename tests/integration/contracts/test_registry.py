"""Contract of Registry for every adapter, embedded or with a server."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from certbeam.certificates.certificate import RegistryEntry
from certbeam.io.port_table import REGISTRY
from certbeam.io.protocols import Registry, RegistryState, Revocation

VALID = RegistryState(None)


@pytest.fixture
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    opened = REGISTRY.open(_address(request, tmp_path))
    yield opened
    opened.close()


def _address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'registry.db'}"
    if request.param == "cassandra":
        return request.getfixturevalue("cassandra_address")
    return f"{request.param}+{request.getfixturevalue('platform').url}"


def adapters(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("registry", names, indirect=True)


@pytest.fixture
def entry() -> RegistryEntry:
    identifier = str(uuid.uuid4())
    assertion = {
        "issuedOn": "2026-03-31T00:00:00Z",
        "recipient": {"name": "Ada Lovelace"},
        "badge": {"name": "Water", "issuer": {"name": "Academy", "url": "https://example.org"}},
        "signatory": [
            {"identity": "s", "designation": "Head", "image": "https://example.org/s", "name": "Sig"}
        ],
    }
    return RegistryEntry(
        id=identifier,
        access_code="A1B2C3",
        created_at=1_774_951_200_000,
        data=json.dumps(assertion),
        json_url=f"https://certs.example.org/certs/b/{identifier}.json",
        pdf_url=None,
        recipient='{"id":"user-1","type":"individual"}',
        related='{"type":"Completion","courseId":"do_1","batchId":"b"}',
        name="Completion",
        template_url="https://example.org/t.svg",
    )


def revocation(entry: RegistryEntry, reason: str) -> Revocation:
    return Revocation(entry.id, reason, 1_774_951_300_000)


@adapters("sqlite", "cassandra", "certreg", "rc")
class TestAdding:
    def test_added_certificates_are_valid(self, registry: Registry, entry: RegistryEntry):
        assert registry.add([entry]) == [VALID]

    def test_adding_again_changes_nothing(self, registry: Registry, entry: RegistryEntry):
        registry.add([entry])
        assert registry.add([entry]) == [VALID]
        assert registry.add([replace(entry, access_code="Z9Z9Z9")]) == [VALID]

    def test_revoking_an_unknown_certificate_makes_no_row(self, registry: Registry, entry: RegistryEntry):
        registry.revoke([revocation(entry, "unknown")])
        assert registry.add([entry]) == [VALID]

    def test_an_empty_call_has_no_effect(self, registry: Registry):
        assert registry.add([]) == []
        registry.revoke([])


@adapters("sqlite", "cassandra", "rc")
class TestRevoking:
    def test_a_revoked_certificate_stays_revoked_when_it_is_added_again(
        self, registry: Registry, entry: RegistryEntry
    ):
        registry.add([entry])
        registry.revoke([revocation(entry, "replaced")])
        (standing,) = registry.add([entry])
        assert isinstance(standing, RegistryState)
        assert standing.revoked

    def test_results_have_the_order_of_the_entries(self, registry: Registry, entry: RegistryEntry):
        others = [_another(entry) for _ in range(3)]
        registry.add(others)
        registry.revoke([revocation(others[1], "by mistake")])
        states = registry.add([entry, *others])
        assert [isinstance(state, RegistryState) and bool(state.revoked) for state in states] == [
            False,
            False,
            True,
            False,
        ]

    def test_the_certificate_of_another_learner_is_not_revoked(
        self, registry: Registry, entry: RegistryEntry
    ):
        registry.add([entry])
        assert registry.revoke([replace(revocation(entry, "foreign"), recipient_id="user-2")]) == [False]
        assert registry.add([entry]) == [VALID]
        assert registry.revoke([replace(revocation(entry, "own"), recipient_id="USER-1")]) == [True]


@adapters("sqlite", "cassandra")
class TestReasons:
    def test_the_first_reason_of_a_revocation_is_kept(self, registry: Registry, entry: RegistryEntry):
        registry.add([entry])
        registry.revoke([revocation(entry, "first")])
        registry.revoke([revocation(entry, "second")])
        assert registry.add([entry]) == [RegistryState("first")]


def _another(entry: RegistryEntry) -> RegistryEntry:
    identifier = str(uuid.uuid4())
    return replace(entry, id=identifier, json_url=f"https://certs.example.org/certs/b/{identifier}.json")
