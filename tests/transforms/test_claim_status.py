"""ClaimStatus: an index on a published status list for each requested certificate."""

import orjson
import pytest

from certbeam.badges.key_set import new_key_set
from certbeam.badges.status_list import StatusListEntry, candidate_entries
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.keys.jwk_file import write_key_set
from certbeam.tests.badges.issuers import CREATED
from certbeam.tests.support import BASE_URL, generate_event, is_down, requested, run_to_lists, watch
from certbeam.transforms.claim_status import ClaimStatus


@pytest.fixture
def signing(platform):
    """A worker with keys."""
    write_key_set(
        platform.folder / "keys.json",
        new_key_set(BASE_URL, seed=b"1" * 32, secret=b"2" * 32, created=CREATED),
    )
    registry = f"sqlite:{platform.folder / 'registry.db'}"
    with platform.worker(signer=str(platform.folder / "keys.json"), status_slots=registry) as worker:
        yield worker


def claimed(worker, *events):
    return run_to_lists(requested(*events), ClaimStatus(worker.settings))[0]


def test_a_certificate_gets_its_first_candidate_also_on_a_replay(signing):
    events = [generate_event("u-1", "u-2")]
    first, again = claimed(signing, *events), claimed(signing, *events)
    slots = {one.request.certificate_id: one.status_entry for one in first.main}
    assert slots == {identifier: next(candidate_entries(identifier)) for identifier in slots}
    assert {one.request.certificate_id: one.status_entry for one in again.main} == slots
    assert all(isinstance(slot, StatusListEntry) for slot in slots.values())


def test_a_new_list_is_published_once(signing, platform):
    storage = watch(signing, "storage")
    claimed(signing, generate_event("u-1"))
    claimed(signing, generate_event("u-2"))
    ((_, (artefact,)),) = storage.calls
    assert (artefact.name, artefact.content_type) == ("status/1.json", "application/vc")
    assert orjson.loads((platform.storage / "status" / "1.json").read_bytes())["issuer"].startswith(
        "did:web:"
    )


def test_a_failed_publication_fails_the_claims_and_is_retried_by_the_next(signing):
    storage = watch(signing, "storage", put=lambda *_: [Unavailable(ErrorCode.STORAGE_UNAVAILABLE, "why")])
    found = claimed(signing, generate_event("u-1"))
    assert [one.code for one in found.outcomes] == ["storage-unavailable"]
    storage._instead.clear()
    assert len(claimed(signing, generate_event("u-1")).main) == 1
    assert len(storage.calls) == 2


def test_all_claims_fail_if_indexes_cannot_be_claimed(signing):
    watch(signing, "status_slots", claim=is_down)
    found = claimed(signing, generate_event("u-1", "u-2"))
    assert [one.code for one in found.outcomes] == ["database-unavailable"] * 2
