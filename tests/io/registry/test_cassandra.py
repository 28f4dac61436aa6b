"""The registry's statements to Cassandra: all changes are conditional."""

from dataclasses import replace

import pytest

from certbeam.io.ports import Revocation, Standing
from certbeam.io.registry.cassandra_registry import CassandraRegistry
from certbeam.tests.io.cassandra import Session
from certbeam.tests.support import ETS, registry_entry, utc

VALID = Standing(None)
ENTRY = registry_entry("a")
APPLIED = [{"[applied]": True}]
THEIRS = [{"recipient": '{"id":"u-1"}'}]


def standing(**row):
    """The answer to an insert that was not made."""
    return [{"[applied]": False, "id": "a", **row}]


def test_a_new_certificate_is_inserted_where_there_is_none():
    session = Session(APPLIED)
    assert CassandraRegistry(session).add([ENTRY]) == [VALID]
    (insert,) = session.made
    assert insert.query.endswith("IF NOT EXISTS")
    assert "isrevoked" in insert.query
    assert insert.parameters == (
        "a",
        "A1B2C3",
        utc(2026, 4, 1, 4, 30, 0, 123_000),
        "certbeam",
        ENTRY.data,
        ENTRY.json_url,
        None,
        ENTRY.recipient,
        "{}",
    )


def test_one_that_is_there_as_it_is_stays_so():
    session = Session(standing(data=ENTRY.data, isrevoked=False))
    assert CassandraRegistry(session).add([ENTRY]) == [VALID]
    assert len(session.made) == 1


def test_a_valid_one_that_says_something_else_is_brought_up_to_date():
    session = Session(standing(data="{}", isrevoked=False), APPLIED)
    assert CassandraRegistry(session).add([ENTRY]) == [VALID]
    update = session.made[1]
    assert update.query.startswith("UPDATE cert_registry SET accesscode = ?, createdat = ?, data = ?")
    assert update.query.endswith("WHERE id = ? IF isrevoked = false")
    assert update.parameters[0] == "A1B2C3"
    assert update.parameters[2] == ENTRY.data
    assert update.parameters[-1] == "a"


@pytest.mark.parametrize(("reason", "told"), [("why", "why"), (None, "no reason given")])
def test_a_revoked_one_says_why_and_stays_as_it_is(reason, told):
    session = Session(standing(data="{}", isrevoked=True, reason=reason))
    assert CassandraRegistry(session).add([ENTRY]) == [Standing(told)]
    assert len(session.made) == 1


def test_a_revocation_is_made_once_of_what_is_there():
    session = Session(THEIRS, APPLIED)
    assert CassandraRegistry(session).revoke([Revocation("a", "why", ETS, "U-1")]) == [True]
    revoke = session.made[1]
    assert revoke.query.endswith("WHERE id = ? IF isrevoked != true AND accesscode != null")
    assert revoke.parameters == ("why", utc(2026, 4, 1, 4, 30, 0, 123_000), "certbeam", "a")


@pytest.mark.parametrize("row", [[], [{"recipient": '{"id":"u-2"}'}], [{"recipient": None}]])
def test_what_is_not_there_or_another_learners_is_left_alone(row):
    session = Session(row)
    assert CassandraRegistry(session).revoke([Revocation("a", "why", ETS, "u-1")]) == [False]
    assert len(session.made) == 1


def test_answers_come_in_order():
    session = Session(APPLIED, standing(isrevoked=True, reason="r", data="{}"), standing(data="{}"), APPLIED)
    entries = [replace(ENTRY, id=name) for name in "abc"]
    assert CassandraRegistry(session).add(entries) == [VALID, Standing("r"), VALID]
    assert session.made[-1].parameters[-1] == "c"
