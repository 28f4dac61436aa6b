"""The contract of Users, which every embedded adapter keeps."""

import pytest

from certbeam.io.learning.sqlite_learning import SqliteLearning
from certbeam.tests.support import Platform, opener, user_row

ADAPTERS = {"sqlite": lambda folder, rows: SqliteLearning(Platform(folder).load({"users": rows}).database)}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def open_users(request, tmp_path):
    """Opens the adapter over some user records."""
    yield from opener(lambda *rows: request.param(tmp_path, list(rows)))


class TestUsers:
    def test_existing_users_are_found_with_their_whole_records(self, open_users):
        users = open_users(
            user_row("u-1", userLocations=[{"type": "state", "name": "Kerala"}]), user_row("u-2")
        )
        found = users.users({"u-1", "u-3"})
        assert set(found) == {"u-1"}
        assert found["u-1"].name == "Asha u-1"
        assert found["u-1"].find_location("state") == "Kerala"
        assert found["u-1"].is_blocked is False

    def test_a_blocked_user_is_found_as_blocked(self, open_users):
        assert open_users(user_row("u-1", status=0)).users({"u-1"})["u-1"].is_blocked is True

    def test_an_active_user_is_not_blocked(self, open_users):
        assert open_users(user_row("u-1", status=1)).users({"u-1"})["u-1"].is_blocked is False

    def test_names_in_every_script_are_unchanged(self, open_users):
        users = open_users(user_row("u-1", firstName="प्रार्थना", lastName="Ødegård 李 عائشة"))
        assert users.users({"u-1"})["u-1"].name == "प्रार्थना Ødegård 李 عائشة"

    def test_no_ids_have_no_results(self, open_users):
        assert open_users().users(set()) == {}
