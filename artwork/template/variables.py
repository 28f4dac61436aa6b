"""Parse the variable references in a template: Sunbird's ``${…}`` and Sunbird RC's ``{{…}}``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certbeam.artwork.errors import MissingVariable, TemplateError
from certbeam.artwork.template.dates import convert_moment_pattern, format_date
from certbeam.foundation.error_codes import ErrorCode

QR_VARIABLES = frozenset({"qrCode", "qrCodeImage"})
"""Names of the variables for the QR code."""

ALIASES = {
    "trainingName": "courseName",
    "training.name": "courseName",
    "recipient.name": "recipientName",
    "recipient.id": "recipientId",
    "issuer.name": "issuerName",
}
"""Names in a Sunbird RC credential, with the names that the values have instead."""

_REFERENCE = re.compile(
    r"""
    \$ (?P<escaped> \$\{ [^{}]* \} )                  # $${x} is a literal ${x}
    | \$\{ (?P<sunbird> [^{}]* ) \}                   # ${x} and ${x:-default}
    | \{\{ (?P<triple> \{ )? (?P<sunbird_rc> [^{}]* ) (?(triple) \} ) \}\}  # {{x}}, {{{x}}}, {{helper x "…"}}
    """,
    re.VERBOSE,
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_DATE_FORMAT = re.compile(r"""dateFormat\s+(?P<name>\S+)\s+["'“”‘’](?P<pattern>.*)["'“”‘’]""")


@dataclass(frozen=True)
class TextVariable:
    """Variable whose value is inserted as it is.

    Attributes:
        name: the key of its value.
        default: the text to use if the value is absent or empty; None if there is no default.
    """

    name: str
    default: str | None = None

    def resolve(self, values: Mapping[str, str]) -> str:
        """Return the variable's text for one certificate.

        Raises:
            MissingVariable: there is neither a value nor a default.
        """
        value = values.get(self.name)
        if value is None and self.default is None:
            raise MissingVariable(self.name)
        return value or self.default or ""


@dataclass(frozen=True)
class DateVariable:
    """Variable whose value is a date, formatted in the language of the certificate.

    Attributes:
        name: the key of its value, which is an ISO 8601 date.
        pattern: the format, in the date field symbols of Unicode LDML (UTS 35).
        default: always None; a date has no default.
    """

    name: str
    pattern: str
    default: None = None

    def resolve(self, values: Mapping[str, str]) -> str:
        """Return the formatted date, in the language that :func:`get_language` returns.

        Raises:
            MissingVariable: there is no value.
            TemplateError: ``value-not-a-date``.
        """
        date = values.get(self.name)
        if date is None:
            raise MissingVariable(self.name)
        try:
            return format_date(date, self.pattern, get_language(values))
        except ValueError as error:
            raise TemplateError(
                ErrorCode.VALUE_NOT_A_DATE,
                f"the value of {self.name!r} is not an ISO 8601 date: write it as yyyy-MM-dd",
            ) from error


Variable = TextVariable | DateVariable


def get_language(values: Mapping[str, str]) -> str:
    """Return the value ``language``, a BCP 47 tag, or English if it is absent or not a valid tag."""
    language = values.get("language", "")
    return language if _LANGUAGE.fullmatch(language) else "en"


def replace_variables(text: str, replacement: Callable[[Variable], str]) -> str:
    """Replace each variable reference in a text, and each escaped one (``$${x}``) by its literal (``${x}``).

    Raises:
        TemplateError: ``template-token``: a part of the text looks like a reference, but is not a valid one.
    """
    if "{" not in text:
        return text
    return _REFERENCE.sub(lambda match: match["escaped"] or replacement(_parse_reference(match)), text)


def find_variables(text: str) -> list[Variable]:
    """Return the variables that a text refers to, in order.

    Raises:
        TemplateError: ``template-token``: a part of the text looks like a reference, but is not a valid one.
    """
    return [_parse_reference(match) for match in _REFERENCE.finditer(text) if not match["escaped"]]


def find_reference_spans(text: str) -> list[tuple[int, int]]:
    """Return the start and end index of each variable reference in a text, including escaped ones."""
    return [match.span() for match in _REFERENCE.finditer(text)]


def parse_only_variable(text: str) -> Variable | None:
    """Return the variable if a text consists of a single reference, else None.

    Raises:
        TemplateError: ``template-token``: the text looks like a reference, but is not a valid one.
    """
    match = _REFERENCE.fullmatch(text.strip())
    return None if match is None or match["escaped"] else _parse_reference(match)


def _parse_reference(match: re.Match[str]) -> Variable:
    if match["sunbird"] is not None:
        name, has_default, default = match["sunbird"].partition(":-")
        return TextVariable(_parse_name(name, match), default if has_default else None)
    expression = match["sunbird_rc"].strip()
    date = _DATE_FORMAT.fullmatch(expression)
    if date is None:
        return TextVariable(_parse_name(expression, match))
    return DateVariable(_parse_name(date["name"], match), convert_moment_pattern(date["pattern"]))


def _parse_name(text: str, match: re.Match[str]) -> str:
    name = text.strip().removeprefix("credentialSubject.")
    if not _NAME.fullmatch(name):
        raise TemplateError(
            ErrorCode.TEMPLATE_TOKEN,
            f"{match[0]!r} is not a valid variable reference: write ${{name}}, ${{name:-default}},"
            ' {{credentialSubject.name}} or {{dateFormat name "DD MMMM YYYY"}}, and $${…} for a literal ${…}',
        )
    return ALIASES.get(name, name)
