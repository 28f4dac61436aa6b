"""Tokens that a drawing program tore apart, a part in each of several <tspan> elements, put together again."""

import re
from collections.abc import Iterator

from lxml import etree

from certbeam.credentials.template.errors import TemplateError, at_line
from certbeam.credentials.template.tree import SVG
from certbeam.credentials.template.variables import token_places

_TEXT = f"{{{SVG}}}text"
_LINE_BREAK = re.compile(r"\s*\n\s*")  # between the elements of a source that was laid out
# What is left of a token that is not closed, or was escaped once too often.
_REMNANTS = ("${", "{{", "}}", "&#36;", "&#123;", "&#125;", "&#x24;", "&#x7b;", "&#x7d;")


def join_tokens(root: etree._Element) -> None:
    """Give each token in a <text> as a whole to the element that it begins in.

    Raises:
        TemplateError: ``template-token``: part of a token stands alone; it would be printed as it is.
    """
    for text in root.iter(_TEXT):
        pieces = list(_pieces(text))
        whole = "".join(piece for *_, piece in pieces)
        if any(remnant in whole.lower() for remnant in _REMNANTS):
            _join(pieces, token_places(whole))
            _check(text, whole)


def _pieces(element: etree._Element) -> Iterator[tuple[etree._Element, str, str]]:
    """The texts in an element, in their order: whose they are, ``text`` or ``tail``, and what they are."""
    yield element, "text", element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _pieces(child)
        yield child, "tail", child.tail or ""


def _join(pieces: list[tuple[etree._Element, str, str]], places: list[tuple[int, int]]) -> None:
    owners = [index for index, (*_, piece) in enumerate(pieces) for _ in piece]
    characters = [character for *_, piece in pieces for character in piece]
    for first, last in places:
        if owners[first] != owners[last - 1]:
            token = _LINE_BREAK.sub("", "".join(characters[first:last]))
            characters[first:last] = [token] + [""] * (last - first - 1)
    joined = [""] * len(pieces)
    for owner, character in zip(owners, characters, strict=True):
        joined[owner] += character
    for (element, side, _), piece in zip(pieces, joined, strict=True):
        setattr(element, side, piece)


def _check(text: etree._Element, whole: str) -> None:
    rest = list(whole)
    for first, last in reversed(token_places(whole)):
        del rest[first:last]
    left = "".join(rest)
    remnant = next((each for each in _REMNANTS if each in left.lower()), None)
    if remnant is not None:
        raise at_line(
            text.sourceline,
            TemplateError(
                "template-token",
                f"{left.strip()[:60]!r} holds part of a token ({remnant}), which would be printed as it is:"
                " write the token whole, and $${x} for a literal ${x}",
            ),
        )
