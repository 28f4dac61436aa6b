"""The tokens that stand for values in a template: Sunbird's ``${…}`` and Sunbird RC's ``{{…}}``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certbeam.credentials.template.dates import cldr_pattern, format_date
from certbeam.credentials.template.errors import MissingVariable, TemplateError

QR_NAMES = frozenset({"qrCode", "qrCodeImage"})

# What Sunbird RC's credential calls by another name than the values do.
ALIASES = {
    "trainingName": "courseName",
    "training.name": "courseName",
    "recipient.name": "recipientName",
    "recipient.id": "recipientId",
    "issuer.name": "issuerName",
}

_TOKEN = re.compile(
    r"""
    \$ (?P<escaped> \$\{ [^{}]* \} )                  # $${x} is a literal ${x}
    | \$\{ (?P<plain> [^{}]* ) \}                     # ${x} and ${x:-default}
    | \{\{ (?P<triple> \{ )? (?P<helper> [^{}]* ) (?(triple) \} ) \}\}   # {{x}}, {{{x}}} and {{helper x "…"}}
    """,
    re.VERBOSE,
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_DATE_FORMAT = re.compile(r"""dateFormat\s+(?P<name>\S+)\s+["'“”‘’](?P<pattern>.*)["'“”‘’]""")


@dataclass(frozen=True)
class Variable:
    """A place for one value.

    Attributes:
        name: what it is called in the values.
        default: what stands there if the value is absent or empty; None if there is no default.
    """

    name: str
    default: str | None = None

    def value(self, values: Mapping[str, str]) -> str:
        """The text to put in.

        Raises:
            MissingVariable: there is neither a value nor a default.
        """
        value = values.get(self.name)
        if value is None and self.default is None:
            raise MissingVariable(self.name)
        return value or self.default or ""


@dataclass(frozen=True)
class DateVariable:
    """A place for a date, written in the language of the certificate.

    Attributes:
        name: what it is called in the values, where it is an ISO 8601 date.
        pattern: how to write it, in the date-field symbols of Unicode LDML.
        default: always None; a date has no default.
    """

    name: str
    pattern: str
    default: None = None

    def value(self, values: Mapping[str, str]) -> str:
        """The date in the language that the value ``language`` names (a BCP 47 tag; English if absent).

        Raises:
            MissingVariable: there is no such date.
            TemplateError: ``value-not-a-date``.
        """
        date = values.get(self.name)
        if date is None:
            raise MissingVariable(self.name)
        try:
            return format_date(date, self.pattern, language_of(values))
        except ValueError as error:
            raise TemplateError(
                "value-not-a-date", f"the value of {self.name!r} is no ISO 8601 date: write it as yyyy-MM-dd"
            ) from error


Token = Variable | DateVariable


def language_of(values: Mapping[str, str]) -> str:
    """The value ``language``, a BCP 47 tag; English if it is absent or no tag."""
    language = values.get("language", "")
    return language if _LANGUAGE.fullmatch(language) else "en"


def replace_tokens(text: str, replacement: Callable[[Token], str]) -> str:
    """The text with each token replaced, and each escaped token (``$${x}``) as the literal it stands for.

    Raises:
        TemplateError: ``template-token``: something has the form of a token but is none that is known.
    """
    if "{" not in text:
        return text
    return _TOKEN.sub(lambda match: match["escaped"] or replacement(_read(match)), text)


def tokens_in(text: str) -> list[Token]:
    """The tokens of a text, in their order.

    Raises:
        TemplateError: ``template-token``.
    """
    return [_read(match) for match in _TOKEN.finditer(text) if not match["escaped"]]


def token_places(text: str) -> list[tuple[int, int]]:
    """Where tokens stand in a text, escaped ones too: the first character of each, and that after it."""
    return [match.span() for match in _TOKEN.finditer(text)]


def sole_token(text: str) -> Token | None:
    """The token, if it is all that the text holds."""
    match = _TOKEN.fullmatch(text.strip())
    return None if match is None or match["escaped"] else _read(match)


def _read(match: re.Match[str]) -> Token:
    if match["plain"] is not None:
        name, has_default, default = match["plain"].partition(":-")
        return Variable(_name(name, match), default if has_default else None)
    expression = match["helper"].strip()
    date = _DATE_FORMAT.fullmatch(expression)
    if date is None:
        return Variable(_name(expression, match))
    return DateVariable(_name(date["name"], match), cldr_pattern(date["pattern"]))


def _name(written: str, match: re.Match[str]) -> str:
    name = written.strip().removeprefix("credentialSubject.")
    if not _NAME.fullmatch(name):
        raise TemplateError(
            "template-token",
            f"{match[0]!r} is no token: write ${{name}}, ${{name:-default}}, {{{{credentialSubject.name}}}}"
            ' or {{dateFormat name "DD MMMM YYYY"}}, and $${…} for a literal ${…}',
        )
    return ALIASES.get(name, name)
