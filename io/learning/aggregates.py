"""Scores out of the columns of ``user_activity_agg`` (contracts §2.3)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from certbeam.issuing.learning_records import Scores


def scores_of(
    agg: Mapping[str, int] | None,
    aggregates: Mapping[str, float] | None,
    updated: Mapping[str, datetime] | None,
) -> Scores:
    """One learner's scores; ``aggregates``, the newer column, wins over ``agg``."""
    # Through text, so that 0.57 is the decimal that was stored and not its nearest binary fraction.
    points = {key: Decimal(str(value)) for key, value in {**(agg or {}), **(aggregates or {})}.items()}
    return Scores(points, updated or {})
