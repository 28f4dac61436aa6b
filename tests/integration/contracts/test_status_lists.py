"""The contract of StatusLists, which the embedded and the real adapters keep."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.port_table import STATUS_LISTS
from certbeam.io.protocols import StatusLists
from certbeam.io.status_lists.cassandra_status_lists import TABLES

DDL = Path(__file__).parents[3] / "deploy" / "cassandra" / "status_slots.cql"


@pytest.fixture(params=["sqlite", "cassandra"])
def status_lists(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StatusLists]:
    address = f"sqlite:{tmp_path / 'registry.db'}"
    if request.param == "cassandra":
        address = request.getfixturevalue("cassandra_address")
    opened = STATUS_LISTS.open(address)
    yield opened
    opened.close()


@pytest.fixture
def number() -> int:
    """A list that no other test knows."""
    return uuid.uuid4().int % 2**31


class TestStatusLists:
    def test_an_index_belongs_to_the_first_certificate_that_claims_it(
        self, status_lists: StatusLists, number: int
    ):
        first, second = StatusListEntry(number, 1), StatusListEntry(number, 2)
        assert status_lists.claim([(first, f"a{number}"), (second, f"b{number}")]) == [
            f"a{number}",
            f"b{number}",
        ]
        assert status_lists.claim([(first, f"b{number}"), (first, f"a{number}")]) == [
            f"a{number}",
            f"a{number}",
        ]

    def test_holders_are_the_certificates_that_have_the_indexes(self, status_lists: StatusLists, number: int):
        status_lists.claim([(StatusListEntry(number, 1), f"a{number}")])
        assert status_lists.holders([StatusListEntry(number, 0), StatusListEntry(number, 1)]) == [
            None,
            f"a{number}",
        ]

    def test_the_state_of_a_list_has_its_revoked_indexes(self, status_lists: StatusLists, number: int):
        status_lists.claim([(StatusListEntry(number, index), f"{index}-{number}") for index in range(3)])
        assert status_lists.revoked(number) == RevokedIndexes((), None)
        status_lists.revoke([(StatusListEntry(number, 2), 20), (StatusListEntry(number, 1), 10)])
        assert status_lists.revoked(number) == RevokedIndexes((1, 2), 20)

    def test_the_earliest_revocation_wins(self, status_lists: StatusLists, number: int):
        status_lists.claim([(StatusListEntry(number, 1), f"a{number}")])
        for at in (10, 20):
            status_lists.revoke([(StatusListEntry(number, 1), at)])
        assert status_lists.revoked(number) == RevokedIndexes((1,), 10)

    def test_every_list_with_an_assigned_index_is_returned(self, status_lists: StatusLists, number: int):
        assert number not in status_lists.lists()
        status_lists.claim(
            [(StatusListEntry(number, 1), f"a{number}"), (StatusListEntry(number - 1, 1), f"b{number}")]
        )
        assert {number, number - 1} <= status_lists.lists()

    def test_nothing_to_do(self, status_lists: StatusLists):
        assert status_lists.claim([]) == []
        assert status_lists.holders([]) == []
        status_lists.revoke([])


def test_the_tables_in_deploy_are_those_that_tests_use():
    text = re.sub(r"--.*", "", DDL.read_text())
    assert tuple(" ".join(one.split()) for one in text.split(";") if one.strip()) == TABLES
