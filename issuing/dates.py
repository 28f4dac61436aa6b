"""Dates of generate events: issue date, validity and expiry."""

import calendar
import re
from datetime import datetime, timezone

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


_EXPIRY_STEP = re.compile(r"(\d{1,4})([dmyDMY])")


def expiry_date(expiry: str, issued_on: datetime) -> datetime:
    """The end of validity: a date or moment as such, or steps such as ``2y 6m`` after the issue date.

    Raises:
        Rejected: ``field-invalid``.
    """
    steps = [_EXPIRY_STEP.fullmatch(step) for step in expiry.split()]
    if None in steps:
        return _moment(expiry, at="edata.expiry")
    try:
        for step in filter(None, steps):
            issued_on = _later(issued_on, int(step[1]), step[2].lower())
    except (ValueError, OverflowError) as error:
        raise Rejected(
            ErrorCode.FIELD_INVALID, f"edata.expiry {expiry!r} leads beyond the calendar"
        ) from error
    return issued_on


def _later(moment: datetime, count: int, unit: str) -> datetime:
    if unit == "d":
        return datetime.fromordinal(moment.toordinal() + count).replace(tzinfo=moment.tzinfo)
    months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    # The 31st of a shorter month is its last day, as in every calendar library.
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _issue_date(issued: str, ets: int | None) -> datetime:
    """Midnight UTC of the issue date; a blank one is the day of the event."""
    if issued:
        # The day as it is written, wherever that was: another zone's midnight may be the day before in UTC.
        _moment(issued, at="edata.issuedDate")
        day = _moment(issued[: len("yyyy-MM-dd")], at="edata.issuedDate")
    elif ets is not None:
        day = datetime.fromtimestamp(ets / 1000, timezone.utc)
    else:
        raise Rejected(ErrorCode.NO_DATE, "edata.issuedDate is blank and the event has no ets")
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _moment(value: str, *, at: str) -> datetime:
    """``yyyy-MM-dd`` or ``yyyy-MM-dd'T'HH:mm:ssZ``, aware, in UTC."""
    try:
        if _DATE.fullmatch(value):
            return datetime.fromisoformat(value).replace(tzinfo=timezone.utc)
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z").astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise Rejected(
            ErrorCode.FIELD_INVALID,
            f"{at} {value!r} is neither a date like 2026-03-31 nor a moment like 2026-03-31T00:00:00Z",
        ) from error
