"""How a value is written into each place a template can have for it, so that it stays a value."""

import re
import unicodedata
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.images import TRANSPARENT, clean_image

Escape = Callable[[str], str]

# What XML 1.0 cannot hold (§2.2), the C1 controls and DEL, which no font draws, and what stands for broken text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufff9-\uffff]")
_MOST_MARKS = 10  # on one letter; names in Hebrew, Tibetan and Vedic have up to six
_HEAP = re.compile(f"(?:M[ne]){{{_MOST_MARKS + 1}}}")  # in the general categories of a text, two letters each
# Embeddings, overrides and isolates: they would turn round what the viewer shows after the value.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_STYLE_VALUE = re.compile(r"[\w\s#%.,+\-]*")
_LINK = re.compile(r"(?:https?://|mailto:|tel:|#)[^\s]*", re.IGNORECASE)


def printable(value: str) -> str:
    """The value without the characters that only steer the direction of text.

    Raises:
        TemplateError: ``value-unprintable``: it holds control characters or half a surrogate pair, nothing that
            can be seen, or letters under heaps of marks.
    """
    if value.isascii() and value.isprintable():
        return value
    if _UNPRINTABLE.search(value):
        raise TemplateError(
            "value-unprintable", "it holds control characters, or what stands for broken ones: write it again"
        )
    categories = "".join(map(unicodedata.category, value))
    if _HEAP.search(categories):
        raise TemplateError(
            "value-unprintable", f"it puts more than {_MOST_MARKS} marks on a letter: remove them"
        )
    if value and categories == "Cf" * len(value):
        raise TemplateError(
            "value-unprintable", "nothing of it can be seen: write it again, or leave it empty"
        )
    return value.translate(_BIDI_CONTROLS)


def text(value: str) -> str:
    """A value as character data."""
    return escape(value, quote=False).replace("\r", "&#13;")


def attribute(value: str) -> str:
    """A value inside an attribute in double quotes; white space survives attribute normalisation."""
    return escape(value).replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")


def url_part(value: str) -> str:
    """A value as one part of a URL's path, query or fragment."""
    return quote(value, safe="")


def style(value: str) -> str:
    """A value in CSS or in an attribute that can hold CSS: a number, a colour, a name.

    Raises:
        TemplateError: ``value-unsafe``: it holds anything that could begin another rule or a ``url()``.
    """
    if not _STYLE_VALUE.fullmatch(value):
        raise TemplateError("value-unsafe", "it stands in a style: it must be a number, a colour or a name")
    return value


def link(value: str) -> str:
    """A value that is a whole link.

    Raises:
        TemplateError: ``value-unsafe``: it is no http, https, mailto or tel link.
    """
    if value and not _LINK.fullmatch(value):
        raise TemplateError("value-unsafe", "it is a link: it must begin with https:// or mailto:")
    return attribute(value)


def image(value: str) -> str:
    """A value that is a whole image, as a ``data:`` URI; an empty one is a transparent image.

    Raises:
        TemplateError: ``image-…``: it is no image, or one that a certificate cannot hold.
    """
    return clean_image(value) if value else TRANSPARENT  # in base64: nothing to escape
