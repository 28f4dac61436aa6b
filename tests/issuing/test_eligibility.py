"""Criteria of every kind against what is known of a learner."""

from decimal import Decimal

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.eligibility import check_enrolment, check_score, check_user, parse_criteria
from certbeam.issuing.learning_records import Enrolment, Scores, User


def score_verdict(score, **percentages):
    criteria = parse_criteria({"assessment": {"score": score}})
    return check_score(criteria, {name: Decimal(value) for name, value in percentages.items()})


def enrolment_verdict(asked, **columns):
    return check_enrolment(parse_criteria({"enrollment": asked}), Enrolment({"status": 2, **columns}))


def user_verdict(asked, record, key="user"):
    return check_user(parse_criteria({key: asked}), User(record))


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("<=", True, True, False),
        ("<", True, False, False),
        ("=", False, True, False),
        ("eq", False, True, False),
        ("EQ", False, True, False),
        ("ne", True, False, True),
        ("!=", True, False, True),
    ],
)
@pytest.mark.parametrize("threshold", [60, 60.0, "60", " 60.00 "])
def test_every_operator_holds_as_it_reads(operator, below, equal, above, threshold):
    found = [score_verdict({operator: threshold}, do_1=value) is None for value in ("59.99", "60", "60.01")]
    assert found == [below, equal, above]


def test_a_decimal_threshold_is_exact():
    assert score_verdict({">=": 62.5}, do_1="62.5") is None
    assert score_verdict({">=": 33.3}, do_1="33.3") is None
    assert score_verdict({">": 33.3}, do_1="33.3").code == "score-unmet"


@pytest.mark.parametrize("number", [60, 60.0, "60"])
def test_a_plain_number_means_at_least(number):
    assert score_verdict(number, do_1="60") is None
    assert score_verdict(number, do_1="59").code == "score-unmet"


@pytest.mark.parametrize(("score", "eligible"), [("39", False), ("40", True), ("60", True), ("61", False)])
def test_all_operators_must_hold(score, eligible):
    assert (score_verdict({">=": 40, "<=": 60}, do_1=score) is None) is eligible
    assert (score_verdict({"<=": 60, ">=": 40}, do_1=score) is None) is eligible


def test_the_best_score_counts():
    assert score_verdict({">=": 60}, do_1="10", do_2="60", do_3="20") is None


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        ({">=": 60}, "score 41 on do_1131 is below 60"),
        ({">": 41}, "score 41 on do_1131 is not above 41"),
        ({"<=": 40.5}, "score 41 on do_1131 is above 40.5"),
        ({"<": 41}, "score 41 on do_1131 is not below 41"),
        ({"eq": 42}, "score 41 on do_1131 is not 42"),
        ({"ne": 41}, "score 41 on do_1131 is exactly 41"),
    ],
)
def test_the_reason_reads_as_a_sentence(score, reason):
    assert score_verdict(score, do_1131="41").reason == reason


def test_without_an_assessment_nothing_is_met():
    assert score_verdict({">=": 0}).code == "not-assessed"


def test_a_maximum_of_zero_does_not_count_as_assessed():
    scores = Scores({"score:do_1": Decimal(5), "max_score:do_1": Decimal(0)})
    assert scores.percentages(scores.contents()) == {}


def test_without_a_score_asked_for_none_is_needed():
    assert check_score(parse_criteria({"enrollment": {}}), {}) is None


def test_enrolment_asks_for_completion_unless_it_says_otherwise():
    assert enrolment_verdict({}) is None
    assert enrolment_verdict(None) is None
    assert enrolment_verdict({}, status=1).code == "not-completed"
    assert enrolment_verdict({"status": 1}, status=1) is None
    assert enrolment_verdict({"status": 1}).reason == "enrolment status is 2, not 1"
    assert enrolment_verdict({}, status=None).reason == "enrolment status is empty, not 2"


@pytest.mark.parametrize("wanted", [2, 2.0, "2", "2.0", [1, 2]])
def test_a_status_is_the_same_however_it_is_written(wanted):
    assert enrolment_verdict({"status": wanted}) is None


def test_other_columns_of_the_enrolment_can_be_asked_for():
    assert enrolment_verdict({"completionPercentage": 100}, completionpercentage=100) is None
    assert enrolment_verdict({"progress": 5}, progress=4).code == "enrolment-differs"
    assert enrolment_verdict({"active": "true"}, active=True) is None
    assert enrolment_verdict({"active": 1}, active=True).code == "enrolment-differs"


def test_a_column_that_enrolments_do_not_have_is_a_fault_of_the_template():
    with pytest.raises(Rejected, match=r"enrollment\.grade names no column") as error:
        enrolment_verdict({"grade": 1})
    assert error.value.code == "criteria-invalid"


@pytest.mark.parametrize("key", ["user", "users"])
def test_both_spellings_of_user_are_checked(key):
    assert user_verdict({"rootOrgId": "org-1"}, {"rootOrgId": "org-1"}, key) is None
    assert user_verdict({"rootOrgId": "org-1"}, {"rootOrgId": "org-2"}, key).code == "user-differs"
    assert user_verdict({"rootOrgId": "org-1"}, {}, key).code == "user-differs"


def test_both_spellings_together_are_both_asked():
    criteria = parse_criteria({"user": {"a": 1}, "users": {"b": 2}})
    assert check_user(criteria, User({"a": 1, "b": 2})) is None
    assert check_user(criteria, User({"a": 1})) is not None
    assert check_user(criteria, User({"b": 2})) is not None


@pytest.mark.parametrize(
    ("found", "wanted"), [(["TEACHER", "HEAD"], "HEAD"), ("HEAD", ["TEACHER", "HEAD"]), (7, "7"), ("7", 7)]
)
def test_a_list_on_either_side_names_alternatives(found, wanted):
    assert user_verdict({"role": wanted}, {"role": found}) is None


@pytest.mark.parametrize(
    ("found", "wanted"), [("0100", "100"), ("1e2", "100"), ("7.0", "7"), ("org", "ORG"), (None, "")]
)
def test_two_texts_are_the_same_only_letter_for_letter(found, wanted):
    assert user_verdict({"rootOrgId": wanted}, {"rootOrgId": found}).code == "user-differs"


def test_the_reason_does_not_tell_what_was_found():
    reason = user_verdict({"dob": "2000"}, {"dob": "1999-12-31"}).reason
    assert "1999" not in reason


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"quiz": {}},
        {"enrollment": {}, "grade": 1},
        {"enrollment": "2"},
        {"enrollment": []},
        {"user": {}},
        {"users": None},
        {"user": "org"},
        {"assessment": {}},
        {"assessment": None},
        {"assessment": {"score": 60, "attempts": 2}},
        {"assessment": {"score": {}}},
        {"assessment": {"score": None}},
        {"assessment": {"score": True}},
        {"assessment": {"score": "sixty"}},
        {"assessment": {"score": {"=>": 60}}},
        {"assessment": {"score": {">=": None}}},
        {"assessment": {"score": {">=": "NaN"}}},
        {"assessment": {"score": {">=": "Infinity"}}},
        {"assessment": {"score": {">=": [60]}}},
    ],
)
def test_criteria_that_cannot_be_evaluated_give_nobody_a_certificate(criteria):
    with pytest.raises(Rejected) as error:
        parse_criteria(criteria)
    assert error.value.code == "criteria-invalid"
