"""Split lines of text into runs of one language, in the visual order in which a PDF shows them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from babel.core import get_global

from certbeam.artwork.text.bidi import MIRRORED, embedding_levels, visual_order
from certbeam.artwork.text.scripts import resolve_scripts

DEFAULT_LANGUAGE = "en"
"""Language of Latin text in a document whose language has another script, and of a document with an invalid tag."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_LATIN = "Latn"
# The scripts that are written together: ISO 15924 code of a writing system to those of its characters.
_MEMBERS = {
    "Jpan": frozenset({"Hani", "Hira", "Kana"}),
    "Kore": frozenset({"Hang", "Hani"}),
    "Hans": frozenset({"Bopo", "Hani"}),
    "Hant": frozenset({"Bopo", "Hani"}),
}
# ISO 19005-3, 6.2.11.7.2 allows no text that maps to these characters; none of them is visible.
_UNMAPPABLE = dict.fromkeys((0x0000, 0xFEFF, 0xFFFE))
_REORDERED = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc]")
_CACHED_LINES = 512  # static text and course names are repeated; names of recipients are not


@dataclass(frozen=True)
class LanguageRun:
    """Part of a line in one language.

    Attributes:
        language: its language; None for that of the document.
        actual_text: its characters in logical order; None if the PDF shows them in this order.
    """

    language: str | None = None
    actual_text: str | None = None


@dataclass(frozen=True)
class SplitLine:
    """Line of text, split by language.

    Attributes:
        runs: its runs in logical order.
        pieces: the characters from left to right, with mirrored brackets, as viewers restore the logical order from
            this. Each piece has the index of its run.
    """

    runs: tuple[LanguageRun, ...]
    pieces: tuple[tuple[int, str], ...]


def normalise_language(tag: str) -> str:
    """Return a BCP 47 tag with hyphens, or the default language if it is not a tag."""
    tag = tag.replace("_", "-")
    return tag if _TAG.fullmatch(tag) else DEFAULT_LANGUAGE


@lru_cache(_CACHED_LINES)
def split_line(text: str, document_language: str) -> SplitLine:
    """Split a line into runs of one language.

    Args:
        text: the characters in logical order.
        document_language: a BCP 47 tag.
    """
    text = text.translate(_UNMAPPABLE)
    languages = _find_languages(text, document_language)
    # No viewer restores the logical order of scripts beyond U+FFFF, such as Adlam: they stay in this order.
    levels = embedding_levels(text) if _REORDERED.search(text) else [0] * len(text)
    is_reordered = any(levels)
    runs: list[LanguageRun] = []
    run_indexes: list[int] = []
    for language, group in groupby(zip(languages, text, levels, strict=True), lambda triple: triple[0]):
        _, characters, run_levels = zip(*group, strict=True)
        run_indexes += [len(runs)] * len(characters)
        has_other_order = any(level % 2 for level in run_levels)
        runs.append(LanguageRun(language, "".join(characters) if has_other_order else None))
    shown = [
        (run, MIRRORED.get(character, character) if level % 2 else character)
        for run, character, level in zip(run_indexes, text, levels, strict=True)
    ]
    ordered = [shown[index] for index in visual_order(levels)] if is_reordered else shown
    pieces = [
        (run, "".join(character for _, character in pairs))
        for run, pairs in groupby(ordered, lambda pair: pair[0])
    ]
    return SplitLine(tuple(runs), tuple(pieces))


def _find_languages(text: str, document_language: str) -> list[str | None]:
    """Return the language of each character; None for that of the document."""
    if not any(map(str.isalpha, text)):
        return [None] * len(text)
    scripts = resolve_scripts(text)
    own = _find_scripts(document_language)
    languages = {
        script: None if script in own else _find_language(script, scripts) for script in set(scripts)
    }
    return [languages[script] for script in scripts]


def _find_language(script: str, scripts: Collection[str]) -> str:
    """Return the most probable language of a script in a line that has some scripts."""
    if script == "Hani" and not {"Hira", "Kana"}.isdisjoint(scripts):
        return "ja"
    if script == "Hani" and "Hang" in scripts:
        return "ko"
    return str(get_global("likely_subtags").get(f"und_{script}", DEFAULT_LANGUAGE)).split("_")[0]


@lru_cache
def _find_scripts(tag: str) -> frozenset[str]:
    """Return the ISO 15924 codes of the scripts in which a language is written."""
    language, *subtags = tag.split("-")
    script = next((subtag.title() for subtag in subtags if len(subtag) == 4 and subtag.isalpha()), None)
    if script is None:
        likely = get_global("likely_subtags")
        region = "".join(f"_{subtag.upper()}" for subtag in subtags[:1])
        tags = likely.get(language.lower() + region) or likely.get(language.lower()) or f"_{_LATIN}"
        script = str(tags).split("_")[1]
    return _MEMBERS.get(script, frozenset({script}))
