"""The columns of the registry's rows (``docs/contracts.md``, "cert_registry")."""

import sqlite3
from dataclasses import replace

import pytest

from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.registry.sqlite_registry import SqliteRegistry
from certbeam.tests.support import BASE_URL, ETS, registry_entry


@pytest.fixture
def registry(tmp_path):
    made = SqliteRegistry(tmp_path / "registry.db")
    yield made
    made.close()


def rows(folder):
    connection = sqlite3.connect(folder / "registry.db")
    connection.row_factory = sqlite3.Row
    return [dict(row) for row in connection.execute("SELECT * FROM cert_registry ORDER BY id")]


def test_a_row_has_the_columns_of_production(registry, tmp_path):
    registry.add([replace(registry_entry("a"), pdf_url="https://x/a.pdf")])
    assert rows(tmp_path) == [
        {
            "id": "a",
            "accesscode": "A1B2C3",
            "createdat": "2026-04-01T04:30:00.123Z",
            "createdby": "certbeam",
            "data": '{"id":"x"}',
            "isrevoked": 0,
            "jsonurl": f"{BASE_URL}/batch-1/a.json",
            "pdfurl": "https://x/a.pdf",
            "reason": None,
            "recipient": '{"id":"u-1"}',
            "related": "{}",
            "updatedat": None,
            "updatedby": None,
        }
    ]


def test_a_valid_certificate_that_is_added_again_is_updated(registry, tmp_path):
    registry.add([registry_entry("a")])
    (before,) = rows(tmp_path)
    registry.add([replace(registry_entry("a"), data="{}", created_at=ETS + 1)])
    (after,) = rows(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {"data", "createdat"}


def test_a_revoked_certificate_that_is_added_again_is_not_changed(registry, tmp_path):
    registry.add([registry_entry("a")])
    registry.revoke([Revocation("a", "why", ETS)])
    before = rows(tmp_path)
    registry.add([replace(registry_entry("a"), access_code="Z9Z9Z9", data="{}", created_at=1)])
    assert rows(tmp_path) == before


def test_a_revocation_has_its_writer_time_and_reason(registry, tmp_path):
    registry.add([registry_entry("a"), registry_entry("b")])
    registry.revoke([Revocation("a", "replaced by b", ETS + 1)])
    revoked, other = rows(tmp_path)
    changed = {name: value for name, value in revoked.items() if value != registry_row_before(other, name)}
    assert changed == {
        "isrevoked": 1,
        "reason": "replaced by b",
        "updatedat": "2026-04-01T04:30:00.124Z",
        "updatedby": "certbeam",
    }


def registry_row_before(other, name):
    """Return a value of the revoked row before its revocation: that of the other row, with its own id."""
    return {**other, "id": "a", "jsonurl": f"{BASE_URL}/batch-1/a.json"}[name]


def test_a_certificate_revoked_without_a_reason_is_still_revoked(registry):
    registry.add([registry_entry("a")])
    assert registry.revoke([Revocation("a", "", ETS)]) == [True]
    assert registry.add([registry_entry("a")]) == [RegistryState("no reason given")]
