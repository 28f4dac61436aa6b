"""Parse the dates of generate events: issue date, begin and end of validity."""

import calendar
import re
from datetime import datetime, timezone

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


_PERIOD = re.compile(r"(\d{1,4})([dmyDMY])")


def parse_expiry(expiry: str, issued_on: datetime) -> datetime:
    """Parse the end of validity.

    Args:
        expiry: a date, a time, or periods such as ``2y 6m`` after the issue date.
        issued_on: the issue date.

    Raises:
        Rejected: ``field-invalid``.
    """
    periods = [_PERIOD.fullmatch(period) for period in expiry.split()]
    if None in periods:
        return parse_moment(expiry, at="edata.expiry")
    try:
        for period in filter(None, periods):
            issued_on = _add_period(issued_on, int(period[1]), period[2].lower())
    except (ValueError, OverflowError) as error:
        raise Rejected(
            ErrorCode.FIELD_INVALID,
            f"edata.expiry {expiry!r} is out of range (after the year 9999): use an earlier date or shorter periods",
        ) from error
    return issued_on


def _add_period(moment: datetime, count: int, unit: str) -> datetime:
    if unit == "d":
        return datetime.fromordinal(moment.toordinal() + count).replace(tzinfo=moment.tzinfo)
    months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    # A day that the month does not have becomes its last day, as in calendar libraries.
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def parse_issue_date(issued: str, ets: int | None) -> datetime:
    """Return midnight UTC of the issue date.

    Args:
        issued: ``edata.issuedDate``; if blank, the day of the event counts.
        ets: time of the event in milliseconds since 1970; None if it has none.

    Raises:
        Rejected: ``field-invalid`` or ``no-date``.
    """
    if issued:
        # The day as written: midnight in another time zone may be the day before in UTC.
        parse_moment(issued, at="edata.issuedDate")
        day = parse_moment(issued[: len("yyyy-MM-dd")], at="edata.issuedDate")
    elif ets is not None:
        day = datetime.fromtimestamp(ets / 1000, timezone.utc)
    else:
        raise Rejected(
            ErrorCode.NO_DATE, "edata.issuedDate is blank and the event has no ets: set one of them"
        )
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def parse_moment(value: str, *, at: str) -> datetime:
    """Parse ``yyyy-MM-dd`` or ``yyyy-MM-dd'T'HH:mm:ssZ`` to a time in UTC.

    Args:
        value: the text.
        at: the path of the member that holds it, for the reason.

    Raises:
        Rejected: ``field-invalid``.
    """
    try:
        if _DATE.fullmatch(value):
            return datetime.fromisoformat(value).replace(tzinfo=timezone.utc)
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z").astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise Rejected(
            ErrorCode.FIELD_INVALID,
            f"{at} {value!r} is neither a date nor a time: write 2026-03-31 or 2026-03-31T00:00:00Z",
        ) from error
