"""CheckIssued: requests of a generate event that need a certificate, and those that do not."""

from certbeam.tests.support import (
    enrolment_row,
    generate_event,
    is_down,
    requested,
    run_to_lists,
    small_platform,
    watch,
)
from certbeam.transforms.check_issued import CheckIssued


def test_every_recipient_is_checked_by_an_own_enrolment(platform):
    platform.load(small_platform("u-1", "u-2"))
    platform.load(
        {
            "user_enrolments": [
                enrolment_row("u-2", issued_certificates=[{"name": "Certificate of Completion"}])
            ]
        }
    )
    events = [generate_event("u-1", "u-2", "u-3"), generate_event("u-1", name="")]
    with platform.worker() as worker:
        learning = watch(worker, "learning")
        found, counted = run_to_lists(requested(*events), CheckIssued(platform.settings()))
    assert [one.claim.user_id for one in found.main] == ["u-1"]
    assert sorted((one.claim.user_id, one.verdict) for one in found.outcomes) == [
        ("u-1", "failed"),
        ("u-2", "already-issued"),
        ("u-3", "not-eligible"),
    ]
    assert [letter.code for letter in found.dead_letters] == ["field-missing"]
    assert [name for name, *_ in learning.calls] == ["enrolments", "close"]
    assert counted["not-eligible:not-enrolled"] == 1


def test_each_recipient_fails_once_if_a_port_does_not_answer(platform):
    with platform.worker() as worker:
        watch(worker, "learning", enrolments=is_down)
        events = requested(generate_event("u-1", "u-2"), generate_event("u-1", name=""))
        found, _ = run_to_lists(events, CheckIssued(platform.settings()))
    assert found.main == []
    assert sorted(letter.code for letter in found.dead_letters) == [
        "database-unavailable",
        "database-unavailable",
        "field-missing",
    ]
    narrowed = [letter.event["edata"]["data"] for letter in found.dead_letters]
    assert all(len(recipients) == 1 for recipients in narrowed)
