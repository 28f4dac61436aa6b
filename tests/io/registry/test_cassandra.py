"""Conditional statements of the Cassandra registry."""

from dataclasses import replace

import pytest

from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.registry.cassandra_registry import CassandraRegistry
from certbeam.tests.io.cassandra import Session
from certbeam.tests.support import ETS, registry_entry, utc

VALID = RegistryState(None)
ENTRY = registry_entry("a")
APPLIED = [{"[applied]": True}]
THEIRS = [{"recipient": '{"id":"u-1"}'}]


def standing(**row):
    """The result of an insert that was not applied."""
    return [{"[applied]": False, "id": "a", **row}]


def test_a_new_certificate_is_inserted_if_absent():
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


def test_an_unchanged_certificate_is_not_updated():
    session = Session(standing(data=ENTRY.data, isrevoked=False))
    assert CassandraRegistry(session).add([ENTRY]) == [VALID]
    assert len(session.made) == 1


def test_a_valid_certificate_with_other_data_is_updated():
    session = Session(standing(data="{}", isrevoked=False), APPLIED)
    assert CassandraRegistry(session).add([ENTRY]) == [VALID]
    update = session.made[1]
    assert update.query.startswith("UPDATE cert_registry SET accesscode = ?, createdat = ?, data = ?")
    assert update.query.endswith("WHERE id = ? IF isrevoked = false")
    assert update.parameters[0] == "A1B2C3"
    assert update.parameters[2] == ENTRY.data
    assert update.parameters[-1] == "a"


@pytest.mark.parametrize(("reason", "told"), [("why", "why"), (None, "no reason given")])
def test_a_revoked_certificate_is_not_updated_and_its_reason_is_returned(reason, told):
    session = Session(standing(data="{}", isrevoked=True, reason=reason))
    assert CassandraRegistry(session).add([ENTRY]) == [RegistryState(told)]
    assert len(session.made) == 1


def test_an_existing_certificate_is_revoked_once():
    session = Session(THEIRS, APPLIED)
    assert CassandraRegistry(session).revoke([Revocation("a", "why", ETS, "U-1")]) == [True]
    revoke = session.made[1]
    assert revoke.query.endswith("WHERE id = ? IF isrevoked != true AND accesscode != null")
    assert revoke.parameters == ("why", utc(2026, 4, 1, 4, 30, 0, 123_000), "certbeam", "a")


@pytest.mark.parametrize("row", [[], [{"recipient": '{"id":"u-2"}'}], [{"recipient": None}]])
def test_a_missing_certificate_or_one_of_another_learner_is_not_revoked(row):
    session = Session(row)
    assert CassandraRegistry(session).revoke([Revocation("a", "why", ETS, "u-1")]) == [False]
    assert len(session.made) == 1


def test_results_keep_the_order_of_entries():
    session = Session(APPLIED, standing(isrevoked=True, reason="r", data="{}"), standing(data="{}"), APPLIED)
    entries = [replace(ENTRY, id=name) for name in "abc"]
    assert CassandraRegistry(session).add(entries) == [VALID, RegistryState("r"), VALID]
    assert session.made[-1].parameters[-1] == "c"
