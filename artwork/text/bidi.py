"""Order bidirectional text by embedding levels (Unicode Standard Annex 9)."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from bidi import algorithm

_NEUTRAL = "\ufffc"  # object replacement character
# Blocks of the scripts written from right to left, and the marks that set a direction.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)

BRACKETS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "（": "）",
    "「": "」",
    "『": "』",
    "【": "】",
    "《": "》",
    "〈": "〉",
}
"""Opening bracket to closing bracket."""

MIRRORED = BRACKETS | {closing: opening for opening, closing in BRACKETS.items()}
"""Bracket to the bracket that is drawn for it in text from right to left."""


def has_right_to_left(text: str) -> bool:
    """Return True if a text has a character that is written from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def embedding_levels(
    text: str, *, right_to_left: bool | None = None, isolates: Sequence[tuple[int, int]] = ()
) -> list[int]:
    """Return the embedding level of each character: even levels run from left to right, odd ones from right to left.

    Args:
        text: a line.
        right_to_left: True if the line runs from right to left; None takes the direction of its first letter.
        isolates: slices in the direction of the line that affect the order of the text around them as a neutral
            character does. They do not overlap, and are in order.
    """
    if not right_to_left and not has_right_to_left(text):
        return [0] * len(text)
    if not isolates:
        return _resolve_levels(text, _base_level(text, right_to_left))
    outer = []
    position = 0
    for start, end in isolates:
        outer += [text[position:start], _NEUTRAL]
        position = end
    around = "".join([*outer, text[position:]])
    base_level = _base_level(around, right_to_left)
    around_levels = iter(_resolve_levels(around, base_level))
    levels: list[int] = []
    position = 0
    for start, end in isolates:
        levels += islice(around_levels, start - position)
        next(around_levels)
        levels += _isolate_levels(text[start:end], base_level)
        position = end
    return [*levels, *around_levels]


def _base_level(text: str, right_to_left: bool | None) -> int:
    return int(algorithm.get_base_level(text) if right_to_left is None else right_to_left)


def _isolate_levels(text: str, base_level: int) -> list[int]:
    """Return the levels of an isolate in the direction of its line (rules X5a to X5c)."""
    return [2 + level for level in _resolve_levels(text, base_level)]


def _resolve_levels(text: str, base_level: int) -> list[int]:
    if not base_level and not has_right_to_left(text):
        return [0] * len(text)
    storage: dict[str, Any] = algorithm.get_empty_storage()
    storage["base_level"] = base_level
    storage["base_dir"] = "LR"[base_level]
    algorithm.get_embedding_levels(text, storage)
    for index, character in enumerate(storage["chars"]):
        character["index"] = index
    algorithm.explicit_embed_and_overrides(storage, False)
    algorithm.resolve_weak_types(storage, False)
    for run in storage["runs"]:
        _resolve_brackets(storage["chars"][run["start"] : run["start"] + run["length"]], run["sor"])
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    resolved = {character["index"]: character["level"] for character in storage["chars"]}
    levels: list[int] = []
    for index in range(len(text)):
        # Rule X9 removes boundary neutrals, such as joiners: they take the level of the character before them.
        levels.append(resolved.get(index, levels[-1] if levels else base_level))
    return levels


def visual_order(levels: Sequence[int]) -> list[int]:
    """Return the indexes of runs with these levels in visual order, from left to right (rule L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


def _resolve_brackets(run: Sequence[dict[str, Any]], preceding: str) -> None:
    """Give both brackets of a pair the same direction (rule N0, which python-bidi does not implement).

    Args:
        run: the characters of one level run, after the rules for weak types; their types are changed.
        preceding: the direction before the run (``sor``).
    """
    for opening, closing in _bracket_pairs(run):
        embedding = "LR"[run[opening]["level"] % 2]
        enclosed = {_strong_direction(character) for character in run[opening + 1 : closing]} - {None}
        if not enclosed:
            continue
        direction = embedding
        if embedding not in enclosed:
            context = next(filter(None, map(_strong_direction, reversed(run[:opening]))), preceding)
            direction = context if context in enclosed else embedding
        run[opening]["type"] = run[closing]["type"] = direction


def _bracket_pairs(run: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    """Return the indexes of each pair of neutral brackets, in order of the opening bracket (definition BD16)."""
    pairs = []
    open_brackets: list[tuple[str, int]] = []
    for index, character in enumerate(run):
        if character["type"] != "ON":
            continue
        if character["ch"] in BRACKETS:
            open_brackets.append((BRACKETS[character["ch"]], index))
        matches = [depth for depth, (closing, _) in enumerate(open_brackets) if closing == character["ch"]]
        if matches:
            pairs.append((open_brackets[matches[-1]][1], index))
            del open_brackets[matches[-1] :]
    return sorted(pairs)


def _strong_direction(character: dict[str, Any]) -> str | None:
    """Return the direction of a character, in which numbers are right-to-left (rule N0); None if it is neutral."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(character["type"])
