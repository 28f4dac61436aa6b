"""Parse issue events in both spellings."""

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.tests.support import (
    BATCH,
    COURSE,
    ETS,
    MID,
    SOURCE,
    as_record,
    issue_event,
    with_value,
    without,
)

SUNBIRD_SOURCE_EVENT = {
    "actor": {"id": "Course Certificate Pre Processor", "type": "System"},
    "eid": "BE_JOB_REQUEST",
    "edata": {
        "action": "issue-certificate",
        "iteration": 1,
        "batchId": "batchid",
        "userIds": ["user-1"],
        "courseID": "courseId",
        "resIssue": True,
    },
    "ets": 1564144562948,
    "mid": "LP.1564144562948.0deae013-378e-4d3b-ac16-237e3fc6149a",
}


def parse(event):
    return parse_issue_event(as_record(event))


def only(event):
    (claim,) = parse(event)
    return claim


def user_ids(event):
    return [claim.user_id for claim in parse(event)]


def rejection(event):
    with pytest.raises(Rejected) as error:
        parse(event)
    return error.value


def test_the_spelling_of_sunbirds_source_is_parsed():
    claim = only(SUNBIRD_SOURCE_EVENT)
    assert (claim.batch_id, claim.course_id, claim.user_id) == ("batchid", "courseId", "user-1")
    assert claim.is_reissue is True
    assert claim.ets == 1564144562948
    assert claim.mid == "LP.1564144562948.0deae013-378e-4d3b-ac16-237e3fc6149a"
    assert claim.event == SUNBIRD_SOURCE_EVENT
    assert claim.source == SOURCE


def test_the_spelling_of_deployments_is_parsed():
    claim = only(issue_event("u-1", reIssue=True))
    assert (claim.batch_id, claim.course_id, claim.is_reissue) == (BATCH, COURSE, True)


def test_each_user_id_occurs_once_in_order():
    assert user_ids(issue_event("u-2", "u-1", "u-2", " u-1 ", "u-3")) == ["u-2", "u-1", "u-3"]


def test_user_ids_may_be_one_text_or_numbers():
    assert user_ids(issue_event(userIds="u-1")) == ["u-1"]
    assert user_ids(issue_event(userIds=[17])) == ["17"]


def test_entries_that_are_not_user_ids_have_one_claim_together():
    valid, invalid = parse(issue_event(userIds=["u-1", None, {"id": 1}, " "]))
    assert (valid.user_id, valid.event["edata"]["userIds"]) == ("u-1", ["u-1"])
    assert (invalid.user_id, invalid.event["edata"]["userIds"]) == (None, [None, {"id": 1}, " "])


@pytest.mark.parametrize("action", ["issue-certificate", "ISSUE-CERTIFICATE", " Issue-Certificate "])
def test_the_action_is_compared_without_case(action):
    assert user_ids(issue_event(action=action)) == ["u-1"]


@pytest.mark.parametrize("reissue", [None, False, "false", 0, "no"])
def test_an_event_without_a_true_flag_is_not_a_re_issue(reissue):
    assert only(issue_event(reIssue=reissue)).is_reissue is False


def test_an_event_may_name_one_template():
    assert only(issue_event(templateId="t-1")).template_id == "t-1"
    assert only(issue_event()).template_id is None


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("edata.action", "collect-certificate", "other-action"),
        ("edata.action", None, "other-action"),
        ("edata", "text", "other-action"),
        ("edata.batchId", " ", "no-batch"),
        ("edata.batchId", ["b"], "no-batch"),
        ("edata.courseId", None, "no-course"),
        ("edata.userIds", [], "no-user"),
        ("edata.userIds", None, "no-user"),
        ("edata.userIds", ["", " ", None], "no-user"),
        ("edata.userIds", {"u-1": True}, "no-user"),
    ],
)
def test_an_invalid_event_is_rejected_with_its_code(path, value, code):
    assert rejection(with_value(issue_event(), path, value)).code == code


@pytest.mark.parametrize(
    "path", ["edata.action", "edata.batchId", "edata.courseId", "edata.userIds", "edata"]
)
def test_a_missing_member_is_rejected(path):
    assert rejection(without(issue_event(), path)).code in {
        "other-action",
        "no-batch",
        "no-course",
        "no-user",
    }


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("mid", "mid"),
        ("edata.batchId", "edata.batchId"),
        ("edata.courseId", "edata.courseId"),
        ("edata.templateId", "edata.templateId"),
    ],
)
def test_an_id_that_is_too_long_is_rejected(path, field):
    event = issue_event(templateId="t-1")
    assert parse(with_value(event, path, "x" * 1024))
    error = rejection(with_value(event, path, "x" * 1025))
    assert (error.code, error.reason) == (
        "id-too-long",
        f"{field} has 1,025 characters: use at most 1,024 for an id",
    )


def test_the_claims_of_several_users_share_their_event():
    assert [claim.shares_event for claim in parse(issue_event("u-1", "u-1"))] == [False]
    assert [claim.shares_event for claim in parse(issue_event("u-1", "u-2"))] == [True, True]
    assert [claim.shares_event for claim in parse(issue_event("u-1", None))] == [True, True]


def test_a_re_issue_needs_a_mid():
    assert rejection(without(issue_event(reIssue=True), "mid")).code == "no-mid"
    assert only(without(issue_event(), "mid")).mid is None


def test_the_claim_of_a_user_has_the_ids_of_its_event():
    _, claim = parse(issue_event("u-1", "u-2", templateId="t-1"))
    assert (claim.job, claim.mid, claim.batch_id, claim.course_id) == ("issue", MID, BATCH, COURSE)
    assert (claim.user_id, claim.template_id) == ("u-2", "t-1")
    assert claim.event == issue_event("u-2", templateId="t-1")
    assert claim.ets == ETS
