"""The contract of Registry, which every embedded adapter keeps."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.registry.sqlite_registry import SqliteRegistry
from certbeam.tests.support import ETS, opener, registry_entry

ADAPTERS = {"sqlite": lambda folder: SqliteRegistry(folder / "registry.db")}
VALID = RegistryState(None)


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def open_registry(request, tmp_path):
    """Opens the adapter; each call is another client of the same data."""
    yield from opener(lambda: request.param(tmp_path))


@pytest.fixture
def registry(open_registry):
    return open_registry()


class TestRegistry:
    def test_new_entries_are_valid(self, registry):
        assert registry.add([registry_entry("a"), registry_entry("b")]) == [VALID, VALID]

    def test_an_entry_that_is_added_again_is_valid(self, registry):
        registry.add([registry_entry("a")])
        assert registry.add([registry_entry("a", created_at=1)]) == [VALID]

    def test_an_entry_can_be_twice_in_a_call(self, registry):
        assert registry.add([registry_entry("a"), registry_entry("a")]) == [VALID, VALID]

    def test_a_revoked_certificate_has_its_reason_and_is_not_reinstated(self, registry):
        registry.add([registry_entry("a"), registry_entry("b")])
        registry.revoke([Revocation("a", "replaced by b", ETS)])
        for _ in range(2):
            assert registry.add([registry_entry("b"), registry_entry("a")]) == [
                VALID,
                RegistryState("replaced by b"),
            ]

    def test_the_earliest_revocation_wins(self, registry):
        registry.add([registry_entry("a")])
        registry.revoke([Revocation("a", "first", ETS), Revocation("a", "second", ETS)])
        registry.revoke([Revocation("a", "third", ETS)])
        assert registry.add([registry_entry("a")]) == [RegistryState("first")]

    def test_an_unknown_certificate_is_not_revoked_and_not_created(self, registry):
        registry.revoke([Revocation("a", "why", ETS)])
        assert registry.add([registry_entry("a")]) == [VALID]

    def test_empty_requests_have_empty_results(self, registry):
        assert registry.add([]) == []
        registry.revoke([])

    def test_all_clients_read_the_same_state(self, open_registry):
        first, other = open_registry(), open_registry()
        first.add([registry_entry("a")])
        first.revoke([Revocation("a", "why", ETS)])
        assert other.add([registry_entry("a")]) == [RegistryState("why")]

    def test_clients_can_open_and_add_concurrently(self, open_registry):
        def add(number):
            return open_registry().add([registry_entry("same"), registry_entry(str(number))])

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(add, range(10)))
        assert answers == [[VALID, VALID]] * 10
