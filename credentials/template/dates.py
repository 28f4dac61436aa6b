"""Dates as templates ask for them: moment.js patterns, written in any language by the CLDR."""

import datetime
import re
from functools import lru_cache

import babel
import babel.dates

from certbeam.credentials.template.errors import TemplateError

# https://momentjs.com/docs/#/displaying/format/ to https://unicode.org/reports/tr35/tr35-dates.html
_CLDR_FIELDS = {
    "D": "d", "DD": "dd", "M": "M", "MM": "MM", "MMM": "MMM", "MMMM": "MMMM", "YY": "yy", "YYYY": "y",
    "ddd": "EEE", "dddd": "EEEE",
}  # fmt: skip
_PATTERN = re.compile(r"\[(?P<quoted>[^\]]*)\]|(?P<field>([A-Za-z])\3*)(?:(?<=D)o)?|(?P<other>[^A-Za-z\[]+)")


def cldr_pattern(moment: str) -> str:
    """A moment.js date pattern as a CLDR one.

    The ordinal of ``Do`` ("1st") becomes the plain number, since only English writes it so.

    Raises:
        TemplateError: ``template-date-format``: the pattern holds something that is no date field.
    """
    parts = []
    position = 0
    while position < len(moment):
        match = _PATTERN.match(moment, position)
        if match is None or (match["field"] and match["field"] not in _CLDR_FIELDS):
            raise TemplateError(
                "template-date-format",
                f"the date pattern {moment!r} is not understood from {moment[position:]!r} on:"
                " use D, DD, M, MM, MMM, MMMM, YY, YYYY, ddd, dddd, and [text] for words",
            )
        if match["field"]:
            parts.append(_CLDR_FIELDS[match["field"]])
        else:
            literal = match["quoted"] if match["quoted"] is not None else match["other"]
            parts.append("'" + literal.replace("'", "''") + "'" if literal else "")
        position = match.end()
    return "".join(parts)


@lru_cache(maxsize=1024)
def format_date(date: str, pattern: str, language: str) -> str:
    """An ISO 8601 date (a time after it is ignored) in a CLDR pattern and a language (BCP 47 tag).

    A language that the CLDR does not know is written as English.

    Raises:
        ValueError: ``date`` is no ISO 8601 date.
    """
    day = datetime.date.fromisoformat(date[:10])
    try:
        locale = babel.Locale.parse(language.replace("-", "_"))
    except (ValueError, babel.UnknownLocaleError):
        locale = babel.Locale("en")
    return babel.dates.format_date(day, pattern, locale=locale)
