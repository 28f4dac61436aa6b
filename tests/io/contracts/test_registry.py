"""What every adapter of Registry does, embedded or real."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from certbeam.credentials.certificates import RegistryEntry
from certbeam.io.adapters import open_registry
from certbeam.io.ports import Registry, Revocation, Standing

VALID = Standing(None)


@pytest.fixture(params=["sqlite", "cassandra"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    address = f"sqlite:{tmp_path / 'registry.db'}"
    if request.param == "cassandra":
        address = request.getfixturevalue("cassandra_address")
    opened = open_registry(address)
    yield opened
    opened.close()


@pytest.fixture
def entry() -> RegistryEntry:
    identifier = str(uuid.uuid4())
    return RegistryEntry(
        id=identifier,
        access_code="A1B2C3",
        created_at=1_774_951_200_000,
        data='{"id":"x"}',
        json_url=f"https://certs.example.org/certs/b/{identifier}.json",
        pdf_url=None,
        recipient='{"id":"user-1","type":"individual"}',
        related='{"type":"Completion"}',
    )


def revocation(entry: RegistryEntry, reason: str) -> Revocation:
    return Revocation(entry.id, reason, 1_774_951_300_000)


class TestRegistry:
    def test_added_certificates_are_valid(self, registry: Registry, entry: RegistryEntry):
        assert registry.add([entry]) == [VALID]

    def test_adding_again_changes_nothing(self, registry: Registry, entry: RegistryEntry):
        registry.add([entry])
        assert registry.add([entry, replace(entry, access_code="Z9Z9Z9")]) == [VALID, VALID]

    def test_standings_come_in_the_order_of_the_entries(self, registry: Registry, entry: RegistryEntry):
        others = [replace(entry, id=str(uuid.uuid4())) for _ in range(3)]
        registry.add(others)
        registry.revoke([revocation(others[1], "by mistake")])
        assert registry.add([entry, *others]) == [VALID, VALID, Standing("by mistake"), VALID]

    def test_a_revoked_certificate_stays_revoked_when_it_is_added_again(
        self, registry: Registry, entry: RegistryEntry
    ):
        registry.add([entry])
        registry.revoke([revocation(entry, "replaced")])
        assert registry.add([entry]) == [Standing("replaced")]

    def test_the_first_reason_stands(self, registry: Registry, entry: RegistryEntry):
        registry.add([entry])
        registry.revoke([revocation(entry, "first")])
        registry.revoke([revocation(entry, "second")])
        assert registry.add([entry]) == [Standing("first")]

    def test_revoking_an_unknown_certificate_makes_no_row(self, registry: Registry, entry: RegistryEntry):
        registry.revoke([revocation(entry, "unknown")])
        assert registry.add([entry]) == [VALID]

    def test_nothing_to_do(self, registry: Registry):
        assert registry.add([]) == []
        registry.revoke([])
