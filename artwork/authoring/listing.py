"""The source of a template as numbered lines that people can read, even if it has a million characters."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.parse import decompress

_MAX_LINES = 2000  # from the start of a template
_CONTEXT = 3  # lines before and after each line with a finding
_MAX_LENGTH = 1000  # characters of a line; an embedded image has millions
_UTF_8 = "utf-8-sig"  # with or without a byte order mark
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding=["']([\w.-]+)["']""")


@dataclass(frozen=True)
class Line:
    """Line of a template's source.

    Attributes:
        number: from 1.
        text: its characters, without the line break.
        omitted: number of characters at its end that ``text`` does not have.
    """

    number: int
    text: str
    omitted: int = 0


def list_lines(source: bytes, important: Collection[int]) -> list[Line]:
    """Return the first lines of a template, and those around some important lines.

    Args:
        source: the template.
        important: the numbers of lines with a finding.
    """
    texts = re.split(r"\r\n|\n", decode_source(source))
    shown = set(range(1, min(len(texts), _MAX_LINES) + 1))
    for number in important:
        shown.update(range(max(number - _CONTEXT, 1), min(number + _CONTEXT, len(texts)) + 1))
    return [_cut(number, texts[number - 1]) for number in sorted(shown)]


def _cut(number: int, text: str) -> Line:
    return Line(number, text[:_MAX_LENGTH], max(len(text) - _MAX_LENGTH, 0))


def decode_source(source: bytes) -> str:
    """Return the source of a template as text; bytes that cannot be decoded become replacement characters."""
    try:
        source = decompress(source)
    except TemplateError:
        return ""
    if source.startswith(_UTF_16):
        return source.decode("utf-16", "replace")
    declared = _ENCODING.match(source)
    encoding = declared[1].decode() if declared else _UTF_8
    # If the declaration can be read as ASCII, the document is not UTF-16.
    is_wrong = encoding.lower().startswith("utf-16")
    try:
        return source.decode(_UTF_8 if is_wrong else encoding, "replace")
    except (LookupError, UnicodeError):
        return source.decode(_UTF_8, "replace")
