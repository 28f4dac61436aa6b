"""Scores from the columns of user_activity_agg."""

from decimal import Decimal

from certbeam.io.learning.aggregates import parse_scores
from certbeam.issuing.learning_records import Scores
from certbeam.tests.support import utc


def test_the_newer_column_wins_key_by_key():
    scores = parse_scores({"score:a": 1, "score:b": 2}, {"score:b": 2.5}, None)
    assert scores.points == {"score:a": Decimal(1), "score:b": Decimal("2.5")}


def test_a_decimal_is_the_one_that_was_stored():
    assert parse_scores(None, {"score:a": 0.57}, None).points["score:a"] == Decimal("0.57")


def test_empty_columns_are_no_scores():
    assert parse_scores(None, None, None) == Scores({}, {})
    assert parse_scores({}, {}, {"score:a": utc(2026, 1, 1)}).updated == {"score:a": utc(2026, 1, 1)}
