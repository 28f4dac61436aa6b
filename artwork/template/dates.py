"""Format dates by the moment.js patterns of templates, in any language of the CLDR."""

import datetime
import re
from functools import lru_cache

import babel
import babel.dates

from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

# https://momentjs.com/docs/#/displaying/format/ to https://unicode.org/reports/tr35/tr35-dates.html
_CLDR_FIELDS = {
    "D": "d", "DD": "dd", "M": "M", "MM": "MM", "MMM": "MMM", "MMMM": "MMMM", "YY": "yy", "YYYY": "y",
    "ddd": "EEE", "dddd": "EEEE",
}  # fmt: skip
_PATTERN = re.compile(r"\[(?P<quoted>[^\]]*)\]|(?P<field>([A-Za-z])\3*)(?:(?<=D)o)?|(?P<other>[^A-Za-z\[]+)")


def convert_moment_pattern(pattern: str) -> str:
    """Convert a moment.js date pattern to a CLDR pattern.

    ``Do`` ("1st") becomes the plain day number, because other languages than English have no such ordinal. A month
    without a day has the form that stands alone, such as Czech "březen 2026" beside "5. března 2026".

    Raises:
        TemplateError: ``template-date-format``: the pattern has an unknown date field.
    """
    fields: list[str] = []
    literals = [""]  # before, between and after the fields
    position = 0
    while position < len(pattern):
        match = _PATTERN.match(pattern, position)
        if match is None or (match["field"] and match["field"] not in _CLDR_FIELDS):
            raise TemplateError(
                ErrorCode.TEMPLATE_DATE_FORMAT,
                f"the date pattern {pattern!r} has an unknown field at {pattern[position:]!r}:"
                " use D, DD, M, MM, MMM, MMMM, YY, YYYY, ddd, dddd, and [text] for literal text",
            )
        if match["field"]:
            fields.append(_CLDR_FIELDS[match["field"]])
            literals.append("")
        else:
            literals[-1] += match["quoted"] if match["quoted"] is not None else match["other"]
        position = match.end()
    if not {"d", "dd"}.intersection(fields):
        fields = [field.replace("M", "L") for field in fields]
    quoted = map(_quote, literals)
    return next(quoted) + "".join(field + literal for field, literal in zip(fields, quoted, strict=True))


def _quote(literal: str) -> str:
    """Quote literal text for a CLDR pattern.

    Two quoted texts beside each other, or a quoted text that begins with an apostrophe, would print an apostrophe more.
    """
    text = literal.lstrip("'")
    apostrophes = "''" * (len(literal) - len(text))
    return apostrophes + ("'" + text.replace("'", "''") + "'" if text else "")


@lru_cache(maxsize=1024)
def format_date(date: str, pattern: str, language: str) -> str:
    """Format an ISO 8601 date by a CLDR pattern.

    Args:
        date: the date; a time after it is ignored.
        pattern: a CLDR date pattern.
        language: a BCP 47 tag; English is used for a language that the CLDR does not have.

    Raises:
        ValueError: ``date`` is not an ISO 8601 date.
    """
    day = datetime.date.fromisoformat(date[:10])
    try:
        locale = babel.Locale.parse(language.replace("-", "_"))
    except (ValueError, babel.UnknownLocaleError):
        locale = babel.Locale("en")
    return babel.dates.format_date(day, pattern, locale=locale)
