"""IssueEnrich: which claims are earned, over a small platform."""

from collections import Counter
from datetime import date

import apache_beam as beam
import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from certbeam.issuing.earned_certificate import EarnedCertificate, build_related
from certbeam.issuing.ids import derive_certificate_id
from certbeam.issuing.learning_records import BatchKey, EnrolmentKey
from certbeam.issuing.outcome import Outcome
from certbeam.stages import enrichment
from certbeam.stages.elements import make_input
from certbeam.stages.enrichment import enrich
from certbeam.stages.failure import Failure
from certbeam.tests.support import (
    BATCH,
    COURSE,
    MID,
    TEMPLATE,
    batch_row,
    claims_of,
    counters,
    course_row,
    enrolment_row,
    is_down,
    issue_event,
    run_to_lists,
    scores_row,
    small_platform,
    template_row,
    user_row,
    watch,
)
from certbeam.transforms.issue_enrich import IssueEnrich

FIRST_ID = derive_certificate_id(batch_id=BATCH, course_id=COURSE, user_id="u-1", template_id=TEMPLATE)


def results(worker, *events):
    return [result for _, result in enrich(claims_of(*events), worker)]


def only(worker, *events):
    (result,) = results(worker, *events)
    return result


def said(result):
    """What became of a claim, in short."""
    if isinstance(result, EarnedCertificate):
        return "requested"
    if isinstance(result, Failure):
        return f"failed {result.error.code}"
    return f"{result.verdict} {result.code}"


def criteria(**fields):
    return template_row(criteria=fields)


def test_a_completed_enrolment_is_requested(worker):
    result = only(worker, issue_event())
    request = make_input(result).request
    assert (request.certificate_id, request.recipient_name) == (FIRST_ID, "Asha u-1")
    assert (result.claim.template_id, result.claim.mid) == (TEMPLATE, MID)
    assert result.course_name == "Soil & Water"


def test_every_user_and_template_makes_a_claim(platform, worker):
    platform.load(
        small_platform("u-1", "u-2", templates=[template_row("a"), template_row("b", name="Certificate a")])
    )
    found = results(worker, issue_event("u-1", "u-2", "u-3"))
    assert Counter((one.claim.user_id, one.claim.template_id, said(one)) for one in found) == Counter(
        [
            *[(user, template, "requested") for user in ("u-1", "u-2") for template in "ab"],
            *[("u-3", template, "not-eligible not-enrolled") for template in "ab"],
        ]
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"active": False}, "not-eligible inactive"),
        ({"active": None}, "not-eligible inactive"),
        ({"status": 1}, "not-eligible not-completed"),
        ({"completedon": None}, "requested"),
    ],
)
def test_an_enrolment_must_be_active_and_completed(platform, worker, columns, expected):
    platform.load({"user_enrolments": [enrolment_row(**columns)]})
    assert said(only(worker, issue_event())) == expected


@pytest.mark.parametrize(
    ("agg", "expected"),
    [
        ({"score:do_quiz": 6, "max_score:do_quiz": 10}, "requested"),
        ({"score:do_quiz": 5, "max_score:do_quiz": 10}, "not-eligible score-unmet"),
        ({"score:do_quiz": 5, "max_score:do_quiz": 0}, "not-eligible not-assessed"),
        ({"score:do_1": 9, "max_score:do_1": 10}, "not-eligible not-assessed"),
        ({"score:do_1": 9, "max_score:do_1": 10, "score:do_quiz": 6, "max_score:do_quiz": 10}, "requested"),
        ({"score:do_lost": 9, "max_score:do_lost": 10}, "failed content-missing"),
        ({"score:do_lost": 1, "score:do_quiz": 6, "max_score:do_quiz": 10}, "requested"),
        (None, "not-eligible not-assessed"),
    ],
)
def test_the_best_score_over_the_assessed_contents_counts(platform, worker, agg, expected):
    platform.load(
        {
            "course_batch": [batch_row(criteria(assessment={"score": {">=": 60}}))],
            "user_activity_agg": [scores_row(agg=agg)],
        }
    )
    assert said(only(worker, issue_event())) == expected


def test_the_reason_names_score_content_and_threshold(platform, worker):
    platform.load(
        {
            "course_batch": [batch_row(criteria(assessment={"score": 60}))],
            "user_activity_agg": [scores_row(agg={"score:do_quiz": 41, "max_score:do_quiz": 100})],
        }
    )
    assert only(worker, issue_event()).reason == "score 41 on do_quiz is below 60"


def test_a_certificate_can_be_earned_and_dated_by_an_assessment(platform, worker):
    platform.load(
        {
            "course_batch": [batch_row(criteria(assessment={"score": {">=": 60}}))],
            "user_enrolments": [enrolment_row(status=1, completedon=None)],
            "user_activity_agg": [
                scores_row(
                    agg={"score:do_quiz": 9, "max_score:do_quiz": 10},
                    agg_last_updated={
                        "score:do_quiz": "2026-02-03T04:05:06Z",
                        "score:do_1": "2026-03-01T00:00:00Z",
                    },
                )
            ],
        }
    )
    assert only(worker, issue_event()).issue_date == date(2026, 2, 3)


@pytest.mark.parametrize("key", ["user", "users"])
@pytest.mark.parametrize(
    ("organisation", "expected"), [("org-1", "requested"), ("org-2", "not-eligible user-differs")]
)
def test_criteria_can_name_members_of_the_user(platform, worker, key, organisation, expected):
    platform.load({"course_batch": [batch_row(criteria(**{key: {"rootOrgId": organisation}}))]})
    assert said(only(worker, issue_event())) == expected


@pytest.mark.parametrize(
    ("tables", "event", "expected"),
    [
        ({}, {"batchId": "other"}, "failed batch-missing"),
        ({}, {"templateId": "other"}, "failed template-missing"),
        ({"course_batch": [{**batch_row(), "cert_templates": {}}]}, {}, "not-eligible no-template"),
        ({"course_batch": [batch_row(template_row(url="a.html"))]}, {}, "not-eligible not-svg"),
        ({"course_batch": [batch_row(criteria())]}, {}, "failed criteria-invalid"),
        ({"course_batch": [batch_row(template_row(issuer="{"))]}, {}, "failed template-field"),
        ({"users": [user_row(status=0)]}, {}, "not-eligible user-blocked"),
        ({"users": [user_row(firstName="null", lastName=" ")]}, {}, "failed name-blank"),
        (
            {"course_batch": [batch_row(template_row(additionalProps={"enrollment": ["grade"]}))]},
            {},
            "failed template-field",
        ),
    ],
)
def test_each_obstacle_has_its_code(platform, worker, tables, event, expected):
    platform.load(tables)
    assert said(only(worker, issue_event(**event))) == expected


def test_an_unknown_user_does_not_affect_the_others(platform, worker):
    platform.load({"user_enrolments": [enrolment_row("u-9")]})
    found = results(worker, issue_event("u-1", "u-9"))
    assert sorted((one.claim.user_id, said(one)) for one in found) == [
        ("u-1", "requested"),
        ("u-9", "failed user-missing"),
    ]


def test_a_claim_for_an_unknown_course_fails(platform, worker):
    row = {**batch_row(), "courseid": "do_9"}
    platform.load({"course_batch": [row], "user_enrolments": [{**enrolment_row(), "courseid": "do_9"}]})
    assert said(only(worker, issue_event(courseId="do_9"))) == "failed course-missing"


def test_an_entry_that_is_not_a_user_id_does_not_affect_the_others(worker):
    found = results(worker, issue_event("u-1", userIds=["u-1", None]))
    assert sorted(map(said, found)) == ["failed user-invalid", "requested"]


def test_an_invalid_template_does_not_affect_the_others(platform, worker):
    platform.load({"course_batch": [batch_row(template_row("good"), template_row("bad", criteria="{"))]})
    found = {one.claim.template_id: said(one) for one in results(worker, issue_event())}
    assert found == {"good": "requested", "bad": "failed template-field"}


def test_only_the_template_of_a_narrowed_event_is_evaluated(platform, worker):
    platform.load({"course_batch": [batch_row(template_row("a"), template_row("b"))]})
    assert only(worker, issue_event(templateId="b")).claim.template_id == "b"


def issued(identifier, **fields):
    return {"issued_certificates": [{"name": "Certificate tpl-1", "identifier": identifier, **fields}]}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (issued("x", templateId=TEMPLATE), "already-issued already-issued"),
        (issued("x"), "already-issued already-issued"),
        (issued("x", name="CERTIFICATE TPL-1"), "already-issued already-issued"),
        (issued("x", templateId="other"), "requested"),
        (issued("x", name="other"), "requested"),
    ],
)
def test_a_user_with_a_certificate_of_the_template_gets_no_other(platform, worker, entry, expected):
    platform.load({"user_enrolments": [enrolment_row(**entry)]})
    assert said(only(worker, issue_event())) == expected


def test_issued_certificates_are_checked_before_the_criteria(platform, worker):
    platform.load({"user_enrolments": [enrolment_row(status=1, **issued("x"))]})
    result = only(worker, issue_event())
    assert (said(result), result.certificate_id) == ("already-issued already-issued", "x")


def test_a_re_issue_replaces_the_certificate_once(platform, worker):
    platform.load({"user_enrolments": [enrolment_row(**issued("old", templateId=TEMPLATE))]})
    result = only(worker, issue_event(reIssue=True))
    assert result.replaces == "old"
    request = make_input(result).request
    platform.load({"user_enrolments": [enrolment_row(**issued(request.certificate_id, templateId=TEMPLATE))]})
    again = only(worker, issue_event(reIssue=True))
    assert (said(again), again.certificate_id) == ("already-issued already-issued", request.certificate_id)
    assert said(only(worker, issue_event(reIssue=True, mid="LP.another"))) == "requested"


def test_additional_values_are_part_of_the_request(platform, worker):
    props = {"assessment": ["score"], "user": ["rootOrgId"], "course": ["name"], "location": ["state"]}
    platform.load(
        {
            "course_batch": [batch_row(template_row(additionalProps=props))],
            "users": [user_row(userLocations=[{"type": "state", "name": "Kerala"}])],
            "user_activity_agg": [scores_row(agg={"score:do_quiz": 9, "max_score:do_quiz": 10})],
        }
    )
    assert only(worker, issue_event()).related == {
        "batchId": BATCH,
        "courseId": COURSE,
        "type": "Certificate tpl-1",
        "location": {"state": "Kerala"},
        "assessment": {"score": {"do_quiz": 90}},
        "rootOrgId": "org-1",
        "course": {"name": "Soil & Water"},
    }


def test_the_issue_date_is_in_the_time_zone_of_the_settings(platform):
    with platform.worker(timezone="Asia/Kolkata") as worker:
        assert only(worker, issue_event()).issue_date == date(2026, 4, 1)


# Look-ups ----------------------------------------------------------------------------------------------------


def test_each_key_is_looked_up_once_in_a_batch(platform, worker):
    users = [f"u-{number}" for number in range(8)]
    platform.load(small_platform(*users, templates=[criteria(assessment={"score": 1}), template_row("b")]))
    platform.load({"user_activity_agg": [scores_row(user, agg={"score:do_quiz": 1}) for user in users]})
    learning, people, courses = (watch(worker, name) for name in ("learning", "users", "courses"))
    events = [issue_event(*users[:5]), issue_event(*users[3:]), issue_event(*users, mid="LP.2")]
    assert Counter(map(said, results(worker, *events))) == {"requested": 36}
    keys = {EnrolmentKey(user, COURSE, BATCH) for user in users}
    assert learning.calls == [
        ("batch_templates", {BatchKey(COURSE, BATCH)}),
        ("enrolments", keys),
        ("scores", keys),
    ]
    assert people.calls == [("users", set(users))]
    assert courses.calls == [("records", {"do_quiz"}), ("records", {COURSE})]


def test_nothing_more_is_looked_up_for_decided_claims(platform, worker):
    platform.load({"user_enrolments": [enrolment_row(active=False)]})
    learning, people, courses = (watch(worker, name) for name in ("learning", "users", "courses"))
    assert said(only(worker, issue_event())) == "not-eligible inactive"
    assert [name for name, _ in learning.calls] == ["batch_templates", "enrolments"]
    assert people.calls == courses.calls == []


def test_scores_are_looked_up_only_for_criteria_with_scores(worker):
    learning = watch(worker, "learning")
    only(worker, issue_event())
    assert [name for name, _ in learning.calls] == ["batch_templates", "enrolments"]


@pytest.mark.parametrize(
    ("port", "method", "expected"),
    [
        ("learning", "batch_templates", ["failed database-unavailable"] * 4),
        ("learning", "enrolments", ["failed database-unavailable"] * 4),
        ("learning", "scores", ["already-issued already-issued", "not-eligible not-completed"]),
        ("courses", "records", ["already-issued already-issued", "not-eligible not-completed"]),
        (
            "users",
            "users",
            ["already-issued already-issued", "not-eligible not-completed", "not-eligible score-unmet"],
        ),
    ],
)
def test_a_port_that_does_not_answer_fails_undecided_claims_only(platform, worker, port, method, expected):
    template = criteria(enrollment={"status": 2}, assessment={"score": 50})
    platform.load(small_platform("u-1", "u-2", "u-3", "u-4", templates=[template]))
    platform.load(
        {
            "user_enrolments": [enrolment_row("u-1", **issued("x")), enrolment_row("u-2", status=1)],
            "user_activity_agg": [
                scores_row("u-3", agg={"score:do_quiz": 1, "max_score:do_quiz": 10}),
                scores_row("u-4", agg={"score:do_quiz": 9, "max_score:do_quiz": 10}),
            ],
        }
    )
    watch(worker, port, **{method: is_down})
    found = sorted(map(said, results(worker, issue_event("u-1", "u-2", "u-3", "u-4"))))
    assert found == sorted([*expected, *["failed database-unavailable"] * (4 - len(expected))])


def test_an_unexpected_error_of_a_claim_does_not_affect_the_others(platform, worker, monkeypatch):
    platform.load(small_platform("u-1", "u-2"))

    def fail_for_one_user(claim, *arguments, **named):
        return build_related(claim, *arguments, **named) if claim.user_id == "u-1" else 1 / 0

    monkeypatch.setattr(enrichment, "build_related", fail_for_one_user)
    found = results(worker, issue_event("u-1", "u-2"))
    assert sorted(map(said, found)) == ["failed unexpected", "requested"]


# In a pipeline -----------------------------------------------------------------------------------------------


def test_the_stage_counts_its_decisions(platform):
    platform.load(small_platform("u-1", "u-2", "u-3"))
    platform.load({"user_enrolments": [enrolment_row("u-2", status=1), enrolment_row("u-3", **issued("x"))]})
    pipeline = Pipeline()
    events = claims_of(issue_event("u-1", "u-2", "u-3", "u-4"), issue_event(batchId="other"))
    outputs = pipeline | beam.Create(events) | IssueEnrich(platform.settings())
    assert_that(
        outputs.main | "users" >> beam.Map(lambda one: one.claim.user_id), equal_to(["u-1"]), "onward"
    )
    assert_that(
        outputs.outcomes | "verdicts" >> beam.Map(lambda one: one.verdict),
        equal_to(["not-eligible", "already-issued", "not-eligible", "failed"]),
        "outcomes",
    )
    assert_that(
        outputs.dead_letters | "codes" >> beam.Map(lambda one: one.code),
        equal_to(["batch-missing"]),
        "dead letters",
    )
    result = pipeline.run()
    result.wait_until_finish()
    assert counters(result) == {
        "outcome:not-eligible": 2,
        "not-eligible:not-completed": 1,
        "not-eligible:not-enrolled": 1,
        "outcome:already-issued": 1,
        "outcome:failed": 1,
        "dead-letter:batch-missing": 1,
    }


def test_replayed_dead_letters_of_a_failed_port_do_not_affect_other_users(platform):
    platform.load(small_platform("u-1", "u-2", templates=[template_row("a"), template_row("b")]))
    with platform.worker() as worker:
        watch(worker, "users", users=is_down)
        found, _ = run_to_lists(claims_of(issue_event("u-1", "u-2")), IssueEnrich(platform.settings()))
    assert found.main == []
    assert all(isinstance(one, Outcome) and one.verdict == "failed" for one in found.outcomes)
    narrowed = [orjson.loads(letter.serialise())["edata"] for letter in found.dead_letters]
    assert sorted((edata["userIds"], edata["templateId"]) for edata in narrowed) == [
        (["u-1"], "a"),
        (["u-1"], "b"),
        (["u-2"], "a"),
        (["u-2"], "b"),
    ]
    replayed = claims_of(*(orjson.loads(letter.serialise()) for letter in found.dead_letters))
    with platform.worker() as worker:
        assert Counter(said(result) for _, result in enrich(replayed, worker)) == {"requested": 4}


def test_control_characters_are_removed_from_course_names(platform, worker):
    platform.load({"courses": [course_row(name="Soil\x07 \\ \n & Water")]})
    assert only(worker, issue_event()).course_name == "Soil \\  & Water"
