"""Claim indexes and publish status lists, also with few free indexes and concurrent writers."""

import orjson
import pytest

from certbeam.badges import status_list
from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.protocols import Revocation
from certbeam.io.status_lists.sqlite_status_lists import SqliteStatusLists
from certbeam.io.storage.folder import FolderStorage
from certbeam.stages.status_lists import claim_slots, find_slots, publish_status_lists, revoke_slots
from certbeam.tests.badges.issuers import issuer
from certbeam.tests.support import ETS, Watched


@pytest.fixture
def slots(tmp_path):
    opened = SqliteStatusLists(tmp_path / "slots.db")
    yield opened
    opened.close()


@pytest.fixture
def storage(tmp_path):
    return FolderStorage(tmp_path / "certs")


def bits(tmp_path, number):
    document = orjson.loads((tmp_path / "certs" / "status" / f"{number}.json").read_bytes())
    return document["credentialSubject"]["encodedList"]


def test_indexes_are_unique_and_equal_in_a_replay_of_any_order(slots, monkeypatch):
    # So few places that nearly every certificate meets another's.
    monkeypatch.setattr(status_list, "LIST_SIZE", 8)
    names = [str(number) for number in range(60)]
    first: dict[str, StatusListEntry] = {}
    for start in range(0, 60, 7):
        first |= claim_slots(names[start : start + 7], slots)
    assert len(set(first.values())) == 60
    assert claim_slots(names[::-1], slots) == first
    assert len({slot.list_number for slot in first.values()}) > 5


def test_only_claimed_indexes_are_found(slots, monkeypatch):
    monkeypatch.setattr(status_list, "LIST_SIZE", 8)
    names = [str(number) for number in range(60)]
    claimed = claim_slots(names, slots)
    assert find_slots([*names, "nobody", "a stranger", ""], slots) == claimed
    assert find_slots([], slots) == {}


def test_an_unknown_certificate_has_no_index_on_full_lists(slots, monkeypatch):
    monkeypatch.setattr(status_list, "LIST_SIZE", 1)
    monkeypatch.setattr(status_list, "_LEVELS", 1)
    claim_slots(["a"], slots)
    assert find_slots(["b"], slots) == {}


def test_the_search_for_an_index_ends_at_a_free_candidate(slots):
    watched = Watched(slots)
    assert find_slots(["stranger"], watched) == {}
    ((method, entries),) = watched.calls
    assert (method, list(entries)) == ("holders", [next(status_list.candidate_entries("stranger"))])


def test_a_certificate_without_an_index_is_revoked_on_no_list(slots, storage):
    claim_slots(["a"], slots)
    assert revoke_slots([Revocation("b", "", ETS)], slots, issuer(), storage) == {}
    assert slots.revoked(1) == RevokedIndexes((), None)


def test_a_claim_on_full_lists_is_rejected(slots, monkeypatch):
    monkeypatch.setattr(status_list, "LIST_SIZE", 1)
    monkeypatch.setattr(status_list, "_LEVELS", 1)
    claim_slots(["a"], slots)
    with pytest.raises(Rejected, match="every status list index"):
        claim_slots(["b"], slots)


def test_many_revocations_publish_each_list_once(slots, storage, tmp_path):
    names = [str(number) for number in range(40)]
    found = claim_slots(names, slots)
    watched = Watched(storage)

    places = revoke_slots([Revocation(name, "", ETS) for name in names[:20]], slots, issuer(), watched)

    assert places == {name: found[name] for name in names[:20]}
    assert {slot.list_number for slot in places.values()} == {1}
    assert [artefact.name for _, artefacts in watched.calls for artefact in artefacts] == ["status/1.json"]
    positions = tuple(sorted(found[name].index for name in names[:20]))
    assert bits(tmp_path, 1) == status_list.encode_list(positions)


def test_a_concurrent_revocation_is_not_lost(slots, storage, tmp_path):
    """One writer reads the list, another revokes and publishes, and then the first one writes its older list."""
    slots.claim([(StatusListEntry(1, 5), "a")])
    put = storage.put

    def put_late(artefacts):
        if slots.revoked(1) == RevokedIndexes((), None):
            slots.revoke([(StatusListEntry(1, 5), ETS)])
        return put(artefacts)

    storage.put = put_late
    publish_status_lists([1], slots, issuer(), storage)
    assert bits(tmp_path, 1) == status_list.encode_list((5,))


def test_the_error_of_a_list_that_cannot_be_stored_names_the_list(slots, storage, tmp_path):
    (tmp_path / "certs" / "status" / "1.json").mkdir(parents=True)
    with pytest.raises(Unavailable, match=r"status/1\.json"):
        publish_status_lists([1], slots, issuer(), storage)


def test_certificates_without_an_index_do_not_keep_others_from_being_revoked(slots, storage):
    found = claim_slots(["a"], slots)
    revocations = [Revocation("stranger", "", ETS), Revocation("a", "", ETS)]
    assert revoke_slots(revocations, slots, issuer(), storage) == found
    assert slots.revoked(found["a"].list_number) == RevokedIndexes((found["a"].index,), ETS)
