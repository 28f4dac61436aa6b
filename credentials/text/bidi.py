"""Text that runs both ways (Unicode Standard Annex 9), in terms of the embedding level of each character."""

import re
from collections.abc import Sequence
from typing import Any

from bidi import algorithm

# The blocks of the scripts written from right to left, and the marks that set a direction.
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
MIRRORED = BRACKETS | {closing: opening for opening, closing in BRACKETS.items()}


def embedding_levels(text: str, *, right_to_left: bool | None = None) -> list[int]:
    """The level of each character: even ones run from left to right, odd ones from right to left.

    Args:
        text: a line.
        right_to_left: the direction of the line; None for that of its first letter.
    """
    if not right_to_left and not _RIGHT_TO_LEFT.search(text):
        return [0] * len(text)
    base = algorithm.get_base_level(text) if right_to_left is None else int(right_to_left)
    storage: dict[str, Any] = algorithm.get_empty_storage()
    storage["base_level"] = base
    storage["base_dir"] = "LR"[base]
    algorithm.get_embedding_levels(text, storage)
    for index, character in enumerate(storage["chars"]):
        character["index"] = index
    algorithm.explicit_embed_and_overrides(storage, False)
    algorithm.resolve_weak_types(storage, False)
    for run in storage["runs"]:
        _resolve_brackets(storage["chars"][run["start"] : run["start"] + run["length"]], run["sor"])
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    known = {character["index"]: character["level"] for character in storage["chars"]}
    levels: list[int] = []
    for index in range(len(text)):  # joiners have no level of their own
        levels.append(known.get(index, levels[-1] if levels else base))
    return levels


def visual_order(levels: Sequence[int]) -> list[int]:
    """The indices of runs with these levels, from left to right (rule L2)."""
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


def _resolve_brackets(run: Sequence[dict[str, Any]], before: str) -> None:
    """Give the brackets of a pair one direction (rule N0, which python-bidi leaves out).

    Args:
        run: the characters of one level, after the rules for weak types.
        before: the direction of what stands before them.
    """
    for opening, closing in _bracket_pairs(run):
        embedding = "LR"[run[opening]["level"] % 2]
        inside = {_strong(character) for character in run[opening + 1 : closing]} - {None}
        if not inside:
            continue
        direction = embedding
        if embedding not in inside:
            context = next(filter(None, map(_strong, reversed(run[:opening]))), before)
            direction = context if context in inside else embedding
        run[opening]["type"] = run[closing]["type"] = direction


def _bracket_pairs(run: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    """The pairs of brackets that are still neutral, by the place of the opening one (definition BD16)."""
    pairs = []
    open_brackets: list[tuple[str, int]] = []
    for index, character in enumerate(run):
        if character["type"] != "ON":
            continue
        if character["ch"] in BRACKETS:
            open_brackets.append((BRACKETS[character["ch"]], index))
        closing = [depth for depth, (bracket, _) in enumerate(open_brackets) if bracket == character["ch"]]
        if closing:
            pairs.append((open_brackets[closing[-1]][1], index))
            del open_brackets[closing[-1] :]
    return sorted(pairs)


def _strong(character: dict[str, Any]) -> str | None:
    """The direction of a character, where numbers count as right-to-left; None for neutral ones."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(character["type"])
