"""Scores from the columns of ``user_activity_agg`` (``docs/contracts.md``, "user_activity_agg")."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from certbeam.issuing.learning_records import Scores


def parse_scores(
    agg: Mapping[str, int] | None,
    aggregates: Mapping[str, float] | None,
    updated: Mapping[str, datetime] | None,
) -> Scores:
    """Return a learner's scores in a course.

    Args:
        agg: column ``agg``.
        aggregates: column ``aggregates``, which is newer and has precedence.
        updated: column ``agg_last_updated``.
    """
    # Converted from text, so that 0.57 is the stored decimal and not the nearest binary fraction.
    points = {key: Decimal(str(value)) for key, value in {**(agg or {}), **(aggregates or {})}.items()}
    return Scores(points, updated or {})
