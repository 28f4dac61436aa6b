"""The contract of StatusLists, which the embedded adapter keeps."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.status_lists.sqlite_status_lists import SqliteStatusLists
from certbeam.tests.support import ETS

ADAPTERS = {"sqlite": lambda folder: SqliteStatusLists(folder / "slots.db")}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def open_adapter(request, tmp_path):
    """Open the adapter; each call opens another client of the same data."""
    opened = []

    def open_one():
        opened.append(request.param(tmp_path))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def status_lists(open_adapter):
    return open_adapter()


class TestStatusLists:
    def test_an_index_belongs_to_the_first_certificate_that_claims_it(self, status_lists):
        entry, other = StatusListEntry(1, 7), StatusListEntry(2, 7)
        assert status_lists.claim([(entry, "a"), (entry, "b"), (other, "b")]) == ["a", "a", "b"]
        assert status_lists.claim([(entry, "b"), (entry, "a"), (other, "b")]) == ["a", "a", "b"]
        assert status_lists.claim([]) == []

    def test_concurrent_claims_of_an_index_return_the_same_holder(self, open_adapter):
        clients = [open_adapter() for _ in range(4)]
        entries = [StatusListEntry(1, index) for index in range(50)]

        def claim(number):
            return clients[number].claim([(entry, f"c-{number}-{entry.index}") for entry in entries])

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(claim, range(4)))
        assert all(answer == answers[0] for answer in answers)

    def test_holders_are_the_certificates_that_have_the_indexes(self, status_lists):
        status_lists.claim([(StatusListEntry(1, 9), "a"), (StatusListEntry(3, 0), "b")])
        assert status_lists.holders(
            [StatusListEntry(3, 0), StatusListEntry(1, 0), StatusListEntry(1, 9)]
        ) == [
            "b",
            None,
            "a",
        ]
        assert status_lists.holders([]) == []

    def test_the_state_of_a_list_has_its_revoked_indexes_and_the_newest_time(self, status_lists):
        status_lists.claim(
            [(StatusListEntry(1, 9), "a"), (StatusListEntry(3, 0), "b"), (StatusListEntry(1, 2), "c")]
        )
        status_lists.revoke([(StatusListEntry(1, 9), ETS), (StatusListEntry(1, 2), ETS + 5)])
        assert status_lists.revoked(1) == RevokedIndexes((2, 9), ETS + 5)
        assert status_lists.revoked(3) == RevokedIndexes((), None)

    def test_the_earliest_revocation_wins(self, status_lists):
        status_lists.claim([(StatusListEntry(1, 9), "a")])
        for at in (ETS, ETS + 1):
            status_lists.revoke([(StatusListEntry(1, 9), at)])
        assert status_lists.revoked(1) == RevokedIndexes((9,), ETS)

    def test_every_list_with_an_assigned_index_is_returned(self, status_lists):
        assert status_lists.lists() == set()
        status_lists.claim(
            [(StatusListEntry(1, 9), "a"), (StatusListEntry(3, 0), "b"), (StatusListEntry(1, 2), "c")]
        )
        assert status_lists.lists() == {1, 3}

    def test_all_clients_see_a_revocation_at_once(self, open_adapter):
        one, other = open_adapter(), open_adapter()
        one.claim([(StatusListEntry(1, 9), "a")])
        other.revoke([(StatusListEntry(1, 9), ETS)])
        assert one.revoked(1) == RevokedIndexes((9,), ETS)
