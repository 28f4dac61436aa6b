"""RecordEnrolment: lists are changed by compare-and-set, and a claim never has two valid certificates."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.protocols import IssuedChange, RegistryState, Revocation
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.learning_records import EnrolmentKey
from certbeam.stages.elements import StoredCertificate
from certbeam.stages.enrolments import record_enrolments
from certbeam.stages.failure import Failure
from certbeam.stages.status_lists import claim_slots
from certbeam.tests.badges.issuers import issuer
from certbeam.tests.support import (
    BATCH,
    COURSE,
    ETS,
    TEMPLATE,
    certificate,
    enrolment_row,
    is_down,
    registry_entry,
    run_to_lists,
    small_platform,
    watch,
)
from certbeam.transforms.record_enrolment import RecordEnrolment

ALONE = EnrolmentKey("u-1", COURSE, BATCH)


def stored(request):
    return StoredCertificate(request, "A1B2C3", registry_entry(request.certificate_id))


def registered(worker, *requests):
    """Return certificates as RegisterCertificate outputs them."""
    found = [stored(request) for request in requests]
    worker.registry.add([one.entry for one in found])
    return found


def recorded(worker, *requests):
    return list(record_enrolments(registered(worker, *requests), worker))


def verdicts(results):
    return [(position, one.verdict) for position, one in results if not isinstance(one, CertificateRequest)]


def list_of(worker, key=ALONE):
    return [entry["identifier"] for entry in worker.learning.enrolments({key})[key].issued]


def standing(worker, identifier):
    return worker.registry.add([registry_entry(identifier)])[0]


def is_valid(worker, identifier):
    return standing(worker, identifier) == RegistryState(None)


def reissue(mid="LP.9", **edata):
    return certificate(reIssue=True, issueMid=mid, **edata)


def test_a_first_certificate_is_added_to_the_list(worker):
    request = certificate()
    results = recorded(worker, request)
    assert [type(one).__name__ for _, one in results] == ["Outcome", "CertificateRequest"]
    outcome = results[0][1]
    assert (outcome.verdict, outcome.certificate_id) == ("issued", request.certificate_id)
    (entry,) = worker.learning.enrolments({ALONE})[ALONE].issued
    assert entry == {
        "name": "Certificate of Completion",
        "identifier": request.certificate_id,
        "token": "A1B2C3",
        "lastIssuedOn": "2026-04-01T04:30:00.123+0000",
        "templateId": TEMPLATE,
    }


def test_a_first_issue_is_recorded_without_a_look_up_in_the_registry(worker):
    found = registered(worker, certificate())
    registry = watch(worker, "registry")
    list(record_enrolments(found, worker))
    assert registry.calls == []


def test_a_recorded_certificate_is_already_issued(worker):
    request = certificate()
    recorded(worker, request)
    learning = watch(worker, "learning")
    results = recorded(worker, request)
    assert verdicts(results) == [(0, "already-issued")]
    assert ("replace_issued", []) in learning.calls
    assert is_valid(worker, request.certificate_id)


def test_two_certificates_of_one_learner_in_one_bundle_are_both_recorded(worker):
    learning = watch(worker, "learning")
    first, second = certificate(), certificate(templateId="tpl-2")
    assert verdicts(recorded(worker, first, second)) == [(0, "issued"), (1, "issued")]
    assert list_of(worker) == [first.certificate_id, second.certificate_id]
    assert [name for name, *_ in learning.calls] == ["enrolments", "replace_issued", "enrolments"]


def test_one_certificate_twice_in_one_bundle_is_recorded_once(worker):
    request = certificate()
    assert verdicts(recorded(worker, request, request)) == [(0, "issued"), (1, "already-issued")]
    assert list_of(worker) == [request.certificate_id]
    assert is_valid(worker, request.certificate_id)


def test_learners_of_one_bundle_are_read_and_written_together(platform, worker):
    platform.load(small_platform("u-1", "u-2", "u-3"))
    learning = watch(worker, "learning")
    results = recorded(worker, *(certificate(user) for user in ("u-1", "u-2", "u-3", "u-2")))
    assert sorted(verdicts(results)) == [(0, "issued"), (1, "issued"), (2, "issued"), (3, "already-issued")]
    assert [name for name, *_ in learning.calls] == ["enrolments", "replace_issued"]


def test_entries_of_others_are_kept(platform, worker):
    theirs = {"name": "Other", "identifier": "theirs", "extra": "kept"}
    platform.load({"user_enrolments": [enrolment_row(issued_certificates=[theirs])]})
    request = certificate()
    recorded(worker, request)
    assert worker.learning.enrolments({ALONE})[ALONE].issued[0] == theirs
    assert list_of(worker) == ["theirs", request.certificate_id]


def test_a_re_issue_revokes_the_old_certificate_before_it_replaces_the_entry(worker):
    old, new = certificate(), reissue()
    recorded(worker, old)
    order: list[tuple[Any, ...]] = []
    watch(worker, "learning", order)
    watch(worker, "registry", order)
    results = recorded(worker, new)
    outcome = results[0][1]
    assert (outcome.verdict, outcome.reason) == (
        "reissued",
        f"in place of {old.certificate_id}, which is revoked",
    )
    assert [name for name, *_ in order] == ["add", "enrolments", "add", "revoke", "replace_issued"]
    assert list_of(worker) == [new.certificate_id]
    assert standing(worker, old.certificate_id) == RegistryState(f"replaced by {new.certificate_id}")
    assert is_valid(worker, new.certificate_id)


def test_a_replay_completes_a_re_issue_that_failed_after_the_revocation(worker):
    old, new = certificate(), reissue()
    recorded(worker, old)
    with pytest.MonkeyPatch.context() as patch:
        crashing = watch(worker, "learning", replace_issued=is_down)
        patch.setitem(worker._ports, "learning", crashing)
        assert isinstance(recorded(worker, new)[0][1], Failure)
    crashing._instead.clear()
    assert verdicts(recorded(worker, new)) == [(0, "reissued")]
    assert list_of(worker) == [new.certificate_id]
    assert not is_valid(worker, old.certificate_id)


def test_a_re_issue_of_another_producer_revokes_the_certificate_that_it_names(worker):
    worker.registry.add([registry_entry("theirs", recipient='{"id":"U-1"}')])
    new = certificate(oldId="theirs")
    assert verdicts(recorded(worker, new)) == [(0, "reissued")]
    assert standing(worker, "theirs") == RegistryState(f"replaced by {new.certificate_id}")


def test_a_re_issue_does_not_revoke_the_certificate_of_another_learner(worker):
    worker.registry.add([registry_entry("theirs", recipient='{"id":"u-2"}')])
    recorded(worker, certificate(oldId="theirs"))
    assert is_valid(worker, "theirs")


def test_a_replaced_certificate_of_another_template_is_removed_from_the_list(worker):
    old = certificate(templateId="tpl-other", name="Another")
    recorded(worker, old)
    new = certificate(oldId=old.certificate_id)
    recorded(worker, new)
    assert list_of(worker) == [new.certificate_id]
    assert not is_valid(worker, old.certificate_id)


@pytest.mark.parametrize("bundles", ["one", "two"])
def test_a_replayed_older_re_issue_is_not_reinstated(worker, bundles):
    first, one, other = certificate(), reissue("LP.1"), reissue("LP.2")
    if bundles == "one":
        results = recorded(worker, first, one, other, one)
    else:
        # Registered while it was valid, recorded after it was replaced: another worker was quicker.
        late = registered(worker, one)
        recorded(worker, first, one, other)
        results = list(record_enrolments(late, worker))
    assert verdicts(results)[-1][1] == "already-issued"
    assert list_of(worker) == [other.certificate_id]
    assert [is_valid(worker, request.certificate_id) for request in (first, one, other)] == [
        False,
        False,
        True,
    ]


def test_the_last_of_two_re_issues_in_one_bundle_is_valid(worker):
    old, one, other = certificate(), reissue("LP.1"), reissue("LP.2")
    recorded(worker, old)
    assert verdicts(recorded(worker, one, other)) == [(0, "reissued"), (1, "reissued")]
    assert list_of(worker) == [other.certificate_id]
    assert [is_valid(worker, request.certificate_id) for request in (old, one, other)] == [False, False, True]


def test_a_claim_without_an_enrolment_fails_and_no_enrolment_is_created(platform, worker):
    platform.load(small_platform("u-1"))
    results = recorded(worker, certificate("u-1"), certificate("u-9"))
    failures = [(position, one.error.code) for position, one in results if isinstance(one, Failure)]
    assert failures == [(1, "enrolment-missing")]
    assert verdicts([one for one in results if not isinstance(one[1], Failure)]) == [(0, "issued")]
    missing = EnrolmentKey("u-9", COURSE, BATCH)
    assert worker.learning.enrolments({missing}) == {}


def losing(times, meanwhile):
    """Return a compare-and-set before which another writer changes the list, for some calls."""
    left = [times]

    def replace(method, changes):
        if left[0]:
            left[0] -= 1
            meanwhile(left[0])
        return method(changes)

    return replace


def test_a_failed_compare_and_set_is_retried_with_the_new_list(platform, worker):
    platform.load(small_platform("u-1", "u-2"))
    rival = worker.learning

    def add_theirs(number):
        before = rival.enrolments({ALONE})[ALONE].issued
        theirs = {"name": f"Other {number}", "identifier": f"theirs-{number}"}
        assert rival.replace_issued([IssuedChange(ALONE, before, (*before, theirs))]) == [True]

    learning = watch(worker, "learning", replace_issued=losing(3, add_theirs))
    first, second = certificate("u-1"), certificate("u-2")
    assert sorted(verdicts(recorded(worker, first, second))) == [(0, "issued"), (1, "issued")]
    assert list_of(worker) == ["theirs-2", "theirs-1", "theirs-0", first.certificate_id]
    read = [arguments[0] for name, *arguments in learning.calls if name == "enrolments"]
    assert read[:2] == [{ALONE, EnrolmentKey("u-2", COURSE, BATCH)}, {ALONE}]


def test_a_compare_and_set_that_always_fails_is_unavailable(worker):
    watch(worker, "learning", replace_issued=lambda _method, changes: [False] * len(changes))
    ((position, failure),) = recorded(worker, certificate())
    assert (position, failure.error.code) == (0, "enrolment-contended")


@pytest.mark.parametrize("winner", ["the first issue", "the re-issue"])
def test_a_first_issue_racing_a_re_issue_leaves_one_valid_certificate(platform, worker, winner):
    first, again = certificate(), reissue()
    slow, quick = (again, first) if winner == "the first issue" else (first, again)
    with platform.worker(batch_size=99) as rival:
        watch(worker, "learning", replace_issued=losing(1, lambda _left: recorded(rival, quick)))
        recorded(worker, slow)
    (held,) = list_of(worker)
    assert held == again.certificate_id
    assert is_valid(worker, again.certificate_id)
    assert not is_valid(worker, first.certificate_id)


def test_a_first_issue_after_a_re_issue_is_revoked_and_already_issued(worker):
    first, again = certificate(), reissue()
    recorded(worker, again)
    ((_, outcome),) = recorded(worker, first)
    assert (outcome.verdict, outcome.certificate_id) == ("already-issued", again.certificate_id)
    assert standing(worker, first.certificate_id) == RegistryState(f"superseded by {again.certificate_id}")


def test_concurrent_workers_leave_one_valid_certificate_per_template(platform):
    requests = [certificate(templateId=f"tpl-{number}") for number in range(6)]
    requests += [reissue(f"LP.{number}", templateId=f"tpl-{number}") for number in range(6)]

    def record_one(numbered):
        number, request = numbered
        with platform.worker(batch_size=number + 1) as worker:
            return recorded(worker, request)

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(record_one, enumerate(requests)))
    assert not any(isinstance(one, Failure) for found in results for _, one in found)
    with platform.worker() as worker:
        held = list_of(worker)
        assert len(held) == 6
        assert {
            request.certificate_id for request in requests if is_valid(worker, request.certificate_id)
        } == set(held)


@pytest.mark.parametrize(
    ("port", "method"), [("learning", "enrolments"), ("learning", "replace_issued"), ("registry", "revoke")]
)
def test_a_port_that_does_not_answer_fails_all_buffered_certificates(platform, worker, port, method):
    platform.load(small_platform("u-1", "u-2"))
    watch(worker, port, **{method: is_down})
    again = {"oldId": "old"}
    results = recorded(
        worker, certificate("u-1", **again), certificate("u-2"), certificate("u-1", templateId="t")
    )
    assert sorted((position, one.error.code) for position, one in results) == [
        (position, "database-unavailable") for position in range(3)
    ]


def test_the_stage_outputs_and_counts_recorded_certificates(platform):
    platform.load(small_platform("u-1", "u-2"))
    with platform.worker() as worker:
        elements = registered(
            worker, certificate("u-1"), certificate("u-2"), certificate("u-1"), certificate("u-9")
        )
        found, counted = run_to_lists(elements, RecordEnrolment(platform.settings()))
    assert sorted(one.recipient_id for one in found.main) == ["u-1", "u-2"]
    assert sorted(one.verdict for one in found.outcomes) == ["already-issued", "failed", "issued", "issued"]
    assert [letter.code for letter in found.dead_letters] == ["enrolment-missing"]
    assert counted == {
        "outcome:issued": 2,
        "outcome:already-issued": 1,
        "outcome:failed": 1,
        "dead-letter:enrolment-missing": 1,
    }


def test_a_revocation_has_the_time_of_the_event(worker):
    recorded(worker, certificate())
    registry = watch(worker, "registry")
    new = reissue()
    recorded(worker, new)
    (revoked,) = [arguments[0] for name, *arguments in registry.calls if name == "revoke"]
    assert revoked == [Revocation(certificate().certificate_id, f"replaced by {new.certificate_id}", ETS)]


class Signing:
    """A worker whose issuer signs credentials and status lists."""

    credential_issuer = issuer()

    def __init__(self, worker):
        self._worker = worker

    def __getattr__(self, name):
        return getattr(self._worker, name)


@pytest.mark.parametrize(("holder", "is_revoked"), [("u-1", True), ("u-2", False)])
def test_a_re_issue_revokes_on_the_status_list_only_a_certificate_of_its_own_learner(
    platform, tmp_path, holder, is_revoked
):
    with platform.worker(status_slots=f"sqlite:{tmp_path}/slots.db") as worker:
        index = claim_slots(["old"], worker.status_slots)["old"]
        worker.registry.add([registry_entry("old", recipient=f'{{"id":"{holder}"}}')])
        recorded(Signing(worker), certificate(oldId="old"))
        assert is_valid(worker, "old") is not is_revoked
        revoked = worker.status_slots.revoked(index.list_number)
    assert revoked.indexes == ((index.index,) if is_revoked else ())


def test_a_re_issue_that_the_registry_does_not_look_up_fails_with_the_error_of_the_registry(worker):
    error = Unavailable(ErrorCode.REGISTRY_UNAVAILABLE, "why")
    watch(worker, "registry", add=lambda _method, entries: [error] * len(entries))
    results = list(record_enrolments([stored(reissue())], worker))
    assert [(position, one.error) for position, one in results] == [(0, error)]


def test_a_certificate_beside_an_older_one_without_an_id_is_withdrawn(worker):
    older = {"name": "Certificate of Completion"}
    assert worker.learning.replace_issued([IssuedChange(ALONE, (), (older,))]) == [True]
    request = certificate()
    assert verdicts(recorded(worker, request)) == [(0, "already-issued")]
    assert standing(worker, request.certificate_id) == RegistryState("superseded by an older one")


def test_the_reason_of_a_missing_enrolment_names_the_learner_and_the_batch(worker):
    ((_, failure),) = recorded(worker, certificate("u-9"))
    assert failure.error.reason == f"user u-9 is not enrolled in batch {BATCH}"
