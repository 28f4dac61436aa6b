"""Find the script of each character of a text (Unicode Standard Annex 24)."""

import unicodedata
from functools import lru_cache

from fontTools import unicodedata as script_data

from certbeam.artwork.text.bidi import BRACKETS

_CLOSING_BRACKETS = frozenset(BRACKETS.values())
_SHARED_SCRIPTS = frozenset({"Zyyy", "Zinh", "Zzzz"})  # Common, Inherited, Unknown


def resolve_scripts(text: str) -> list[str]:
    """Return the ISO 15924 code of the script in which each character is shaped.

    Characters that scripts share (digits, spaces, punctuation, combining marks) take the script of the character
    before them. At the start of the text, they take the first script that follows. A text of shared characters only
    is Latin. A closing bracket takes the script of its opening bracket, so that both come from the same font.
    """
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


@lru_cache(maxsize=4096)
def extends_cluster(character: str) -> bool:
    """Return True if a character belongs to the one before it: a combining mark, joiner or variation selector."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return str(script_data.script(character))
