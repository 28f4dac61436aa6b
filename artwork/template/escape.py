"""Escape values for the contexts of a template, so that a value cannot add markup, CSS or a script."""

import re
import unicodedata
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

Escaper = Callable[[str], str]

# Characters that XML 1.0 does not allow (§2.2), and DEL and the C1 controls, which no font has. Also U+FFFD, which
# replaces characters that could not be decoded.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufff9-\uffff]")
_MAX_COMBINING_MARKS = 10  # on one letter; names in Hebrew, Tibetan and Vedic have up to six
# Matches the general categories of a text's characters, two letters each.
_TOO_MANY_MARKS = re.compile(f"(?:M[ne]){{{_MAX_COMBINING_MARKS + 1}}}")
# Embeddings, overrides and isolates: they would change the order in which the text after the value is displayed.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CSS_VALUE = re.compile(r"[\w\s#%.,+\-]*")
_LINK = re.compile(r"(?:https?://|mailto:|tel:|#)[^\s]*", re.IGNORECASE)


def check_printable(value: str) -> str:
    """Check that a value can be printed and read.

    Returns:
        The value without bidirectional formatting characters.

    Raises:
        TemplateError: ``value-unprintable``: the value has control characters, replacement characters or lone
            surrogates, no visible character, or too many combining marks on one letter.
    """
    if value.isascii() and value.isprintable():
        return value
    if _UNPRINTABLE.search(value):
        raise TemplateError(
            ErrorCode.VALUE_UNPRINTABLE,
            "it contains control characters or replacement characters: enter it again",
        )
    categories = "".join(map(unicodedata.category, value))
    if _TOO_MANY_MARKS.search(categories):
        raise TemplateError(
            ErrorCode.VALUE_UNPRINTABLE,
            f"it has more than {_MAX_COMBINING_MARKS} combining marks on one letter: remove them",
        )
    if value and categories == "Cf" * len(value):
        raise TemplateError(
            ErrorCode.VALUE_UNPRINTABLE, "it has no visible characters: enter it again, or leave it empty"
        )
    return value.translate(_BIDI_CONTROLS)


def escape_text(value: str) -> str:
    """Escape a value for the character data of an element."""
    return escape(value, quote=False).replace("\r", "&#13;")


def escape_attribute(value: str) -> str:
    """Escape a value for an attribute in double quotes, so that XML's normalisation keeps its white space."""
    return escape(value).replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")


def escape_url_component(value: str) -> str:
    """Escape a value for the path, the query or the fragment of a URL."""
    return quote(value, safe="")


def check_css_value(value: str) -> str:
    """Check a value for a style sheet, or for an attribute that can contain CSS.

    Raises:
        TemplateError: ``value-unsafe``: the value could begin another declaration, another rule or a ``url()``.
    """
    if not _CSS_VALUE.fullmatch(value):
        raise TemplateError(
            ErrorCode.VALUE_UNSAFE,
            "it is used in CSS and is not a number, a colour or a name: use one of these",
        )
    return value


def escape_link(value: str) -> str:
    """Escape a value that is the whole URL of a link.

    Raises:
        TemplateError: ``value-unsafe``: the value is not an http, https, mailto or tel URL.
    """
    if value and not _LINK.fullmatch(value):
        raise TemplateError(
            ErrorCode.VALUE_UNSAFE, "it is not a safe link: begin it with https:// or mailto:"
        )
    return escape_attribute(value)
