"""Apply the CSS properties ``white-space`` and ``text-transform`` to text."""

import re
from collections.abc import Sequence
from dataclasses import replace

from certbeam.artwork.text import Span

_FIRST_LETTER = re.compile(r"(?<!\w)(?<!\w['’])\w")  # of a word; an apostrophe does not begin one
_LINE_BREAK_OR_TAB = re.compile(r"[\t\r\n]")
_DOTTED_I_LANGUAGES = ("tr", "az")  # i and İ, ı and I are the pairs of lower and upper case


def preserve_white_space(spans: Sequence[Span]) -> list[Span]:
    """Replace each white space character by a space, as ``xml:space="preserve"`` does.

    ShapedLine feeds at the end are removed, because Figma writes one after each line.
    """
    kept = [replace(span, text=_LINE_BREAK_OR_TAB.sub(" ", span.text)) for span in spans[:-1]]
    last = [replace(span, text=_LINE_BREAK_OR_TAB.sub(" ", span.text.rstrip("\r\n"))) for span in spans[-1:]]
    return kept + last


def collapse_white_space(spans: Sequence[Span]) -> list[Span]:
    """Replace each sequence of white space by one space, and remove it at both ends of the line."""
    texts = []
    is_after_space = True
    for span in spans:
        words = " ".join(span.text.split())
        before = " " if span.text[:1].isspace() and not is_after_space else ""
        after = " " if words and span.text[-1:].isspace() else ""
        text = f"{before}{words}{after}"
        is_after_space = text.endswith(" ") if text else is_after_space
        texts.append(text)
    for index in reversed(range(len(texts))):
        texts[index] = texts[index].rstrip()
        if texts[index]:
            break
    return [
        span if span.text == text else replace(span, text=text)
        for span, text in zip(spans, texts, strict=True)
    ]


def transform_case(text: str, text_transform: str, language: str) -> str:
    """Apply a value of ``text-transform`` to a text.

    Args:
        text: the text.
        text_transform: uppercase, lowercase or capitalize; any other value has no effect.
        language: a BCP 47 tag, for languages with their own case rules.
    """
    if text_transform == "capitalize":
        return _FIRST_LETTER.sub(lambda match: match[0].title(), text)
    if text_transform not in ("uppercase", "lowercase"):
        return text
    if language.partition("-")[0] in _DOTTED_I_LANGUAGES:
        text = (
            text.replace("i", "İ")
            if text_transform == "uppercase"
            else text.replace("İ", "i").replace("I", "ı")
        )
    return text.upper() if text_transform == "uppercase" else text.lower()
