"""Find the script of each character of a text (Unicode Standard Annex 24)."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from fontTools import unicodedata as script_data

from certbeam.artwork.text.bidi import BRACKETS
from certbeam.artwork.text.emoji import find_emoji
from certbeam.artwork.text.font_families import EMOJI_SCRIPT

# Letters of Latin, Greek, Cyrillic, Han, kana and Hangul, as a fast test that a text has no combining marks.
_WITHOUT_MARKS = re.compile(
    "[\0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u1fff\u3041-\u3098\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3]*"
)
_CLOSING_BRACKETS = frozenset(BRACKETS.values())
_SHARED_SCRIPTS = frozenset({"Zyyy", "Zinh", "Zzzz"})  # Common, Inherited, Unknown


def resolve_scripts(text: str) -> list[str]:
    """Return the ISO 15924 code of the script in which each character is shaped.

    Characters that scripts share (digits, spaces, punctuation, combining marks) take the script of the character
    before them. At the start of the text, they take the first script that follows. A text of shared characters only
    is Latin. A closing bracket takes the script of its opening bracket, so that both come from the same font.
    Characters in emoji presentation have the script ``Zsye``.
    """
    if text.isascii():
        return ["Latn"] * len(text)
    scripts = _resolve_letters(text)
    for start, end in find_emoji(text):
        scripts[start:end] = [EMOJI_SCRIPT] * (end - start)
    return scripts


def split_clusters(text: str, script: str) -> Sequence[str]:
    """Split text of one script into the pieces that are drawn in one font: a letter with its combining marks.

    Emoji are not split.
    """
    if _WITHOUT_MARKS.fullmatch(text):
        return text
    if script == EMOJI_SCRIPT:
        return [text]
    clusters: list[str] = []
    cluster = ""
    for character in text:
        if _EXTENDS_CLUSTER[character]:
            cluster += character
        else:
            if cluster:
                clusters.append(cluster)
            cluster = character
    return [*clusters, cluster]


def _resolve_letters(text: str) -> list[str]:
    """Return the script of each character, as :func:`resolve_scripts`, without regard to emoji."""
    own = [_script(character) for character in text]
    scripts = set(own) - _SHARED_SCRIPTS
    if len(scripts) <= 1:
        return [*scripts, "Latn"][:1] * len(text)
    current = next(script for script in own if script not in _SHARED_SCRIPTS)
    resolved = []
    open_brackets: list[tuple[str, str]] = []
    for character, script in zip(text, own, strict=True):
        if script not in _SHARED_SCRIPTS:
            current = script
        if character in BRACKETS:
            open_brackets.append((BRACKETS[character], current))
        while open_brackets and character in _CLOSING_BRACKETS:
            closing, opening_script = open_brackets.pop()
            if closing == character:
                current = opening_script
                break
        resolved.append(current)
    return resolved


class _ExtensionTable(dict[str, bool]):
    """Memory of :func:`extends_cluster` that is faster than a cache of calls, as it is used for each character."""

    def __missing__(self, character: str) -> bool:
        extends = self[character] = unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
        return extends


_EXTENDS_CLUSTER = _ExtensionTable()


def extends_cluster(character: str) -> bool:
    """Return True if a character belongs to the one before it: a combining mark, joiner or variation selector."""
    return _EXTENDS_CLUSTER[character]


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return str(script_data.script(character))
