"""Mark the positions of placeholders in a template's tree until it is serialised and split there."""

import hashlib
import re

from certbeam.artwork.template.placeholders import Placeholder
from certbeam.artwork.template.variables import Variable


class Markers:
    """Placeholders of one template, and the temporary words that mark their positions in its tree.

    A marker contains the digest of the source, so that the source itself cannot contain it.

    Attributes:
        pattern: matches a marker.
    """

    def __init__(self, source: bytes) -> None:
        self._prefix = f"mark{hashlib.sha256(source).hexdigest()[:32]}n"
        self._placeholders: list[Placeholder] = []
        self.pattern = re.compile(rf"{self._prefix}(\d+)e")

    def add(self, placeholder: Placeholder) -> str:
        """Register a placeholder and return its marker."""
        self._placeholders.append(placeholder)
        return f"{self._prefix}{len(self._placeholders) - 1}e"

    def find_placeholder(self, text: str) -> Placeholder | None:
        """Return the placeholder if a text consists of a single marker, else None."""
        match = self.pattern.fullmatch(text)
        return None if match is None else self._placeholders[int(match[1])]

    def replace(self, marker: str, placeholder: Placeholder) -> None:
        """Replace the placeholder of a marker."""
        match = self.pattern.fullmatch(marker)
        if match is not None:
            self._placeholders[int(match[1])] = placeholder

    def split(self, text: str) -> tuple[list[str], list[Placeholder]]:
        """Split a text at its markers.

        Returns:
            The literal text before, between and after the markers, and the marked placeholders.
        """
        pieces = self.pattern.split(text)
        return pieces[::2], [self._placeholders[int(number)] for number in pieces[1::2]]

    def parse_content(self, text: str) -> list[str | Variable]:
        """Return the literal text and the variables of a text with markers, in order."""
        literals, placeholders = self.split(text)
        content: list[str | Variable] = []
        for literal, placeholder in zip(literals, [*placeholders, None], strict=True):
            if literal:
                content.append(literal)
            if placeholder is not None:
                content.extend(placeholder.variables)
        return content

    def restore_references(self, text: str) -> str:
        """Replace the markers in a message by references to their variables, as authors write them."""
        return self.pattern.sub(lambda match: self._describe(int(match[1])), text)

    def _describe(self, number: int) -> str:
        return "".join(f"${{{variable.name}}}" for variable in self._placeholders[number].variables)
