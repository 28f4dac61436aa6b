"""Contract of StatusSlots for every adapter, embedded or with a server."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.port_table import STATUS_LISTS
from certbeam.io.protocols import StatusSlots
from certbeam.io.status_lists.cassandra_status_lists import TABLES

DDL = Path(__file__).parents[3] / "deploy" / "cassandra" / "status_slots.cql"


@pytest.fixture(params=["sqlite", "cassandra"])
def slots(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StatusSlots]:
    address = f"sqlite:{tmp_path / 'registry.db'}"
    if request.param == "cassandra":
        address = request.getfixturevalue("cassandra_address")
    opened = STATUS_LISTS.open(address)
    yield opened
    opened.close()


@pytest.fixture
def number() -> int:
    """The number of a list that no other test uses."""
    return uuid.uuid4().int % 2**31


class TestStatusSlots:
    def test_the_first_claim_of_an_index_wins(self, slots: StatusSlots, number: int):
        first, second = StatusListEntry(number, 1), StatusListEntry(number, 2)
        assert slots.claim([(first, f"a{number}"), (second, f"b{number}")]) == [f"a{number}", f"b{number}"]
        assert slots.claim([(first, f"b{number}"), (first, f"a{number}")]) == [f"a{number}", f"a{number}"]

    def test_the_holder_of_an_index_is_found(self, slots: StatusSlots, number: int):
        slots.claim([(StatusListEntry(number, 1), f"a{number}")])
        assert slots.holders([StatusListEntry(number, 0), StatusListEntry(number, 1)]) == [None, f"a{number}"]

    def test_revoked_indexes_are_on_their_list(self, slots: StatusSlots, number: int):
        slots.claim([(StatusListEntry(number, position), f"{position}-{number}") for position in range(3)])
        assert slots.revoked(number) == RevokedIndexes((), None)
        slots.revoke([(StatusListEntry(number, 2), 20), (StatusListEntry(number, 1), 10)])
        assert slots.revoked(number) == RevokedIndexes((1, 2), 20)

    def test_the_time_of_the_first_revocation_is_kept(self, slots: StatusSlots, number: int):
        slots.claim([(StatusListEntry(number, 1), f"a{number}")])
        for at in (10, 20):
            slots.revoke([(StatusListEntry(number, 1), at)])
        assert slots.revoked(number) == RevokedIndexes((1,), 10)

    def test_every_list_with_a_claimed_index_is_found(self, slots: StatusSlots, number: int):
        assert number not in slots.lists()
        slots.claim(
            [(StatusListEntry(number, 1), f"a{number}"), (StatusListEntry(number - 1, 1), f"b{number}")]
        )
        assert {number, number - 1} <= slots.lists()

    def test_an_empty_call_has_no_effect(self, slots: StatusSlots):
        assert slots.claim([]) == []
        assert slots.holders([]) == []
        slots.revoke([])


def test_the_tests_use_the_tables_of_deploy():
    text = re.sub(r"--.*", "", DDL.read_text())
    assert tuple(" ".join(one.split()) for one in text.split(";") if one.strip()) == TABLES
