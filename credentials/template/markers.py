"""Marks that stand for slots in a template's tree, until it is cut there into constants."""

import hashlib
import re

from certbeam.credentials.template.placeholders import Slot
from certbeam.credentials.template.variables import Token


class Marks:
    """The slots of one template, and the marks that stand for them.

    A mark is a word that the source cannot hold, since it holds the source's digest.

    Attributes:
        pattern: matches a mark.
    """

    def __init__(self, source: bytes) -> None:
        self._stem = f"slot{hashlib.sha256(source).hexdigest()[:32]}n"
        self._slots: list[Slot] = []
        self.pattern = re.compile(rf"{self._stem}(\d+)e")

    def add(self, slot: Slot) -> str:
        """The mark for a new slot."""
        self._slots.append(slot)
        return f"{self._stem}{len(self._slots) - 1}e"

    def slot(self, marked: str) -> Slot | None:
        """The slot, if a mark is all that the text holds."""
        match = self.pattern.fullmatch(marked)
        return None if match is None else self._slots[int(match[1])]

    def cut(self, marked: str) -> tuple[list[str], list[Slot]]:
        """What stands before, between and after the marks, and their slots."""
        pieces = self.pattern.split(marked)
        return pieces[::2], [self._slots[int(number)] for number in pieces[1::2]]

    def resolve(self, marked: str) -> list[str | Token]:
        """A text's literals and tokens, in their order."""
        literals, slots = self.cut(marked)
        resolved: list[str | Token] = []
        for literal, slot in zip(literals, [*slots, None], strict=True):
            if literal:
                resolved.append(literal)
            if slot is not None:
                resolved.extend(slot.tokens)
        return resolved
