"""What every adapter of StatusSlots does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.status_lists.sqlite_status_lists import SqliteStatusSlots
from certbeam.tests.support import ETS, opener

ADAPTERS = {"sqlite": lambda folder: SqliteStatusSlots(folder / "slots.db")}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def open_slots(request, tmp_path):
    """Opens the adapter; each call is another client of the same data."""
    yield from opener(lambda: request.param(tmp_path))


@pytest.fixture
def slots(open_slots):
    return open_slots()


class TestStatusSlots:
    def test_a_place_belongs_to_the_first_who_claims_it(self, slots):
        place, other = StatusListEntry(1, 7), StatusListEntry(2, 7)
        assert slots.claim([(place, "a"), (place, "b"), (other, "b")]) == ["a", "a", "b"]
        assert slots.claim([(place, "b"), (place, "a"), (other, "b")]) == ["a", "a", "b"]
        assert slots.claim([]) == []

    def test_a_place_has_one_holder_whoever_claims_it(self, open_slots):
        clients = [open_slots() for _ in range(4)]
        places = [StatusListEntry(1, position) for position in range(50)]

        def claim(number):
            return clients[number].claim([(place, f"c-{number}-{place.index}") for place in places])

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(claim, range(4)))
        assert all(answer == answers[0] for answer in answers)

    def test_who_has_a_place_is_told(self, slots):
        slots.claim([(StatusListEntry(1, 9), "a"), (StatusListEntry(3, 0), "b")])
        assert slots.holders([StatusListEntry(3, 0), StatusListEntry(1, 0), StatusListEntry(1, 9)]) == [
            "b",
            None,
            "a",
        ]
        assert slots.holders([]) == []

    def test_revoked_places_are_on_their_list_since_the_newest(self, slots):
        slots.claim(
            [(StatusListEntry(1, 9), "a"), (StatusListEntry(3, 0), "b"), (StatusListEntry(1, 2), "c")]
        )
        slots.revoke([(StatusListEntry(1, 9), ETS), (StatusListEntry(1, 2), ETS + 5)])
        assert slots.revoked(1) == RevokedIndexes((2, 9), ETS + 5)
        assert slots.revoked(3) == RevokedIndexes((), None)

    def test_the_first_revocation_stands(self, slots):
        slots.claim([(StatusListEntry(1, 9), "a")])
        for at in (ETS, ETS + 1):
            slots.revoke([(StatusListEntry(1, 9), at)])
        assert slots.revoked(1) == RevokedIndexes((9,), ETS)

    def test_every_list_with_a_place_on_it_is_known(self, slots):
        assert slots.lists() == set()
        slots.claim(
            [(StatusListEntry(1, 9), "a"), (StatusListEntry(3, 0), "b"), (StatusListEntry(1, 2), "c")]
        )
        assert slots.lists() == {1, 3}

    def test_all_clients_read_a_revocation_at_once(self, open_slots):
        one, other = open_slots(), open_slots()
        one.claim([(StatusListEntry(1, 9), "a")])
        other.revoke([(StatusListEntry(1, 9), ETS)])
        assert one.revoked(1) == RevokedIndexes((9,), ETS)
