"""Cutting text into runs of one script (Unicode Standard Annex 24)."""

import unicodedata
from functools import lru_cache

from fontTools import unicodedata as scripts

from certbeam.credentials.text.bidi import BRACKETS

_CLOSING = frozenset(BRACKETS.values())
_SHARED = frozenset({"Zyyy", "Zinh", "Zzzz"})  # common, inherited, unknown


def script_of_each(text: str) -> list[str]:
    """The ISO 15924 code of the script that each character is set in.

    What scripts share (digits, spaces, punctuation, combining marks) is set like what stands before it, and
    at the beginning like what follows; text of nothing else is set like Latin. A closing bracket is set like the
    opening one, or the two would be of different fonts.
    """
    own = [_script(character) for character in text]
    scripts_of_letters = set(own) - _SHARED
    if len(scripts_of_letters) <= 1:
        return [*scripts_of_letters, "Latn"][:1] * len(text)
    current = next(script for script in own if script not in _SHARED)
    resolved = []
    open_brackets: list[tuple[str, str]] = []
    for character, script in zip(text, own, strict=True):
        if script not in _SHARED:
            current = script
        if character in BRACKETS:
            open_brackets.append((BRACKETS[character], current))
        while open_brackets and character in _CLOSING:
            closing, opened_in = open_brackets.pop()
            if closing == character:
                current = opened_in
                break
        resolved.append(current)
    return resolved


@lru_cache(maxsize=4096)
def clings(character: str) -> bool:
    """Whether a character belongs to the one before it: a combining mark, joiner or variation selector."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return str(scripts.script(character))
