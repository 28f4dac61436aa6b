"""Conditional statements for status list indexes in Cassandra."""

from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.io.status_lists.cassandra_status_lists import CassandraStatusLists
from certbeam.tests.io.cassandra import Session
from certbeam.tests.support import ETS

APPLIED = [{"[applied]": True}]


def test_a_free_index_is_claimed_after_its_list_is_recorded():
    session = Session([], APPLIED, [{"[applied]": False, "id": "b"}], APPLIED)
    status_lists = CassandraStatusLists(session)
    assert status_lists.claim([(StatusListEntry(7, 1), "a"), (StatusListEntry(7, 2), "c")]) == ["a", "b"]
    assert status_lists.claim([(StatusListEntry(7, 3), "d")]) == ["d"]
    recorded, *claims = session.made
    assert recorded.query.startswith("INSERT INTO status_lists")
    assert recorded.parameters == (7,)
    assert all(
        claim.query.endswith("(list, position, id) VALUES (?, ?, ?) IF NOT EXISTS") for claim in claims
    )
    assert [claim.parameters for claim in claims] == [(7, 1, "a"), (7, 2, "c"), (7, 3, "d")]


def test_a_replayed_claim_returns_its_own_certificate():
    session = Session([], [{"[applied]": False, "id": "a"}])
    assert CassandraStatusLists(session).claim([(StatusListEntry(7, 1), "a")]) == ["a"]


def test_the_earliest_revocation_wins():
    session = Session(APPLIED)
    CassandraStatusLists(session).revoke([(StatusListEntry(7, 1), ETS)])
    (insert,) = session.made
    assert insert.query.endswith("(list, position, revokedat) VALUES (?, ?, ?) IF NOT EXISTS")
    assert insert.parameters == (7, 1, ETS)


def test_the_state_of_a_list_has_the_time_of_the_newest_revocation():
    rows = [{"position": 2, "revokedat": ETS + 5}, {"position": 9, "revokedat": ETS}]
    session = Session(rows, [])
    status_lists = CassandraStatusLists(session)
    assert status_lists.revoked(7) == RevokedIndexes((2, 9), ETS + 5)
    assert status_lists.revoked(8) == RevokedIndexes((), None)
    assert [statement.parameters for statement in session.made] == [(7,), (8,)]


def test_holders_and_lists_are_read():
    session = Session([{"id": "a"}], [], [{"list": 1}, {"list": 18}])
    status_lists = CassandraStatusLists(session)
    assert status_lists.holders([StatusListEntry(1, 5), StatusListEntry(1, 6)]) == ["a", None]
    assert status_lists.lists() == {1, 18}


def test_a_holder_is_looked_up_by_list_and_index():
    session = Session([], [])
    CassandraStatusLists(session).holders([StatusListEntry(1, 5), StatusListEntry(18, 6)])
    assert [statement.parameters for statement in session.made] == [(1, 5), (18, 6)]
    assert session.made[0].query == "SELECT id FROM status_slots WHERE list = ? AND position = ?"


def test_revocations_and_lists_are_read_from_their_tables():
    session = Session([], [])
    status_lists = CassandraStatusLists(session)
    status_lists.revoked(7)
    status_lists.lists()
    assert [statement.query for statement in session.made] == [
        "SELECT position, revokedat FROM status_slots_revoked WHERE list = ?",
        "SELECT list FROM status_lists WHERE installation = 0",
    ]
