"""Evaluate criteria of all kinds for learners."""

from decimal import Decimal

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.eligibility import check_enrolment, check_score, check_user, parse_criteria
from certbeam.issuing.learning_records import Enrolment, Scores, User
from certbeam.tests.support import utc


def check_scores(score, **percentages):
    criteria = parse_criteria({"assessment": {"score": score}})
    return check_score(criteria, {name: Decimal(value) for name, value in percentages.items()})


def check_columns(required, **columns):
    return check_enrolment(parse_criteria({"enrollment": required}), Enrolment({"status": 2, **columns}))


def check_record(required, record, key="user"):
    return check_user(parse_criteria({key: required}), User(record))


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
def test_each_operator_compares_score_and_threshold(operator, below, equal, above, threshold):
    eligible = [check_scores({operator: threshold}, do_1=value) is None for value in ("59.99", "60", "60.01")]
    assert eligible == [below, equal, above]


def test_a_decimal_threshold_is_exact():
    assert check_scores({">=": 62.5}, do_1="62.5") is None
    assert check_scores({">=": 33.3}, do_1="33.3") is None
    assert check_scores({">": 33.3}, do_1="33.3").code == "score-unmet"


@pytest.mark.parametrize("number", [60, 60.0, "60"])
def test_a_number_is_the_least_score(number):
    assert check_scores(number, do_1="60") is None
    assert check_scores(number, do_1="59").code == "score-unmet"


@pytest.mark.parametrize(("score", "eligible"), [("39", False), ("40", True), ("60", True), ("61", False)])
def test_a_score_must_meet_all_operators(score, eligible):
    assert (check_scores({">=": 40, "<=": 60}, do_1=score) is None) is eligible
    assert (check_scores({"<=": 60, ">=": 40}, do_1=score) is None) is eligible


def test_the_best_score_counts():
    assert check_scores({">=": 60}, do_1="10", do_2="60", do_3="20") is None


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        ({">=": 60}, "score 41 on do_1131 is below 60"),
        ({">": 41}, "score 41 on do_1131 is not above 41"),
        ({"<=": 40.5}, "score 41 on do_1131 is above 40.5"),
        ({"<": 41}, "score 41 on do_1131 is not below 41"),
        ({"eq": 42}, "score 41 on do_1131 is not 42"),
        ({"=": 42}, "score 41 on do_1131 is not 42"),
        ({"EQ": 42}, "score 41 on do_1131 is not 42"),
        ({"ne": 41}, "score 41 on do_1131 is exactly 41"),
        ({"!=": 41}, "score 41 on do_1131 is exactly 41"),
    ],
)
def test_the_reason_reads_as_a_sentence(score, reason):
    assert check_scores(score, do_1131="41").reason == reason


def test_a_learner_without_scores_is_not_assessed():
    assert check_scores({">=": 0}).code == "not-assessed"


def test_a_content_without_possible_points_has_no_percentage():
    scores = Scores({"score:do_1": Decimal(5), "max_score:do_1": Decimal(0)})
    assert scores.compute_percentages(scores.find_contents()) == {}


def test_criteria_without_a_score_need_none():
    assert check_score(parse_criteria({"enrollment": {}}), {}) is None


def test_criteria_of_the_enrolment_require_completion_by_default():
    assert check_columns({}) is None
    assert check_columns(None) is None
    assert check_columns({}, status=1).code == "not-completed"
    assert check_columns({"status": 1}, status=1) is None
    assert check_columns({"status": 1}).reason == "enrolment status is 2, not 1"
    assert check_columns({}, status=None).reason == "enrolment status is empty, not 2"


@pytest.mark.parametrize("required", [2, 2.0, "2", "2.0", [1, 2]])
def test_a_status_may_be_a_number_a_text_or_a_list(required):
    assert check_columns({"status": required}) is None


def test_criteria_may_name_any_column_of_the_enrolment():
    assert check_columns({"completionPercentage": 100}, completionpercentage=100) is None
    assert check_columns({"progress": 5}, progress=4).code == "enrolment-differs"
    assert check_columns({"active": "true"}, active=True) is None
    assert check_columns({"active": 1}, active=True).code == "enrolment-differs"


def test_criteria_with_an_unknown_column_are_rejected():
    with pytest.raises(Rejected, match=r"enrollment\.grade names no column") as error:
        check_columns({"grade": 1})
    assert error.value.code == "criteria-invalid"


@pytest.mark.parametrize("key", ["user", "users"])
def test_both_spellings_of_user_are_checked(key):
    assert check_record({"rootOrgId": "org-1"}, {"rootOrgId": "org-1"}, key) is None
    assert check_record({"rootOrgId": "org-1"}, {"rootOrgId": "org-2"}, key).code == "user-differs"
    assert check_record({"rootOrgId": "org-1"}, {}, key).code == "user-differs"


def test_both_spellings_together_are_both_checked():
    criteria = parse_criteria({"user": {"a": 1}, "users": {"b": 2}})
    assert check_user(criteria, User({"a": 1, "b": 2})) is None
    assert check_user(criteria, User({"a": 1})) is not None
    assert check_user(criteria, User({"b": 2})) is not None


@pytest.mark.parametrize(
    ("value", "required"), [(["TEACHER", "HEAD"], "HEAD"), ("HEAD", ["TEACHER", "HEAD"]), (7, "7"), ("7", 7)]
)
def test_a_list_on_either_side_has_alternatives(value, required):
    assert check_record({"role": required}, {"role": value}) is None


@pytest.mark.parametrize(
    ("value", "required"), [("0100", "100"), ("1e2", "100"), ("7.0", "7"), ("org", "ORG"), (None, "")]
)
def test_two_texts_are_compared_by_characters(value, required):
    assert check_record({"rootOrgId": required}, {"rootOrgId": value}).code == "user-differs"


def test_the_reason_does_not_quote_the_users_value():
    reason = check_record({"dob": "2000"}, {"dob": "1999-12-31"}).reason
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
def test_criteria_that_cannot_be_evaluated_are_rejected(criteria):
    with pytest.raises(Rejected) as error:
        parse_criteria(criteria)
    assert error.value.code == "criteria-invalid"


def test_a_reason_names_the_column_of_the_enrolment_and_both_values():
    assert check_columns({"Progress": 5}, progress=4).reason == "enrolment progress is 4, not 5"


@pytest.mark.parametrize(
    ("value", "required"), [("true", True), ("TRUE", True), (False, "False"), (True, "True")]
)
def test_a_truth_value_equals_its_text_in_any_case(value, required):
    assert check_record({"consent": required}, {"consent": value}) is None


@pytest.mark.parametrize(
    ("value", "required"),
    [({"board": "CBSE"}, {"board": "CBSE"}), (utc(2026, 3, 31), "2026-03-31 00:00:00+00:00")],
)
def test_values_of_other_types_are_compared_by_their_text(value, required):
    assert check_record({"framework": required}, {"framework": value}) is None
    assert check_record({"framework": required}, {"framework": 7}).code == "user-differs"
    assert check_record({"framework": "seven"}, {"framework": value}).code == "user-differs"


@pytest.mark.parametrize("required", ["None", "null", None, [None], ["None"]])
def test_a_missing_value_equals_nothing(required):
    assert check_record({"role": required}, {}).code == "user-differs"
    assert check_record({"role": required}, {"role": [None]}).code == "user-differs"
