"""The places in a compiled template that differ from certificate to certificate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from certbeam.credentials.drawing import Overlay
from certbeam.credentials.qr import QrCode
from certbeam.credentials.template import escape
from certbeam.credentials.template.encoded_markup import NOTHING, Content, written_content
from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.variables import Token


class Slot(Protocol):
    """A place that is filled for each certificate."""

    @property
    def tokens(self) -> Sequence[Token]:
        """The values that stand in it."""

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> Content:
        """What stands in it.

        Raises:
            TemplateError: a value is missing, or cannot stand here.
        """

    def base(self, content: Content) -> Content:
        """What stands in it while the template's constant part is drawn, from what stands in it."""

    def draw(self, values: Mapping[str, str], qr: QrCode) -> Overlay:
        """What is drawn for it over the constant part."""


@dataclass(frozen=True)
class ValueSlot:
    """A place for a value, written in the way its surroundings need.

    Attributes:
        token: which value it is.
        escape: how it is written there.
        seen: whether it shows in the picture; a description does not.
    """

    token: Token
    escape: escape.Escape
    seen: bool = True

    @property
    def tokens(self) -> Sequence[Token]:
        """The one value."""
        return (self.token,)

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> Content:  # noqa: ARG002
        """The value; an error names its variable."""
        value = self.token.value(values)
        try:
            # An image is checked as a whole, and too long to look at each of its characters again.
            return written_content(
                self.escape(value if self.escape is escape.image else escape.printable(value))
            )
        except TemplateError as error:
            message = f"the value of {self.token.name!r} cannot be used: {error}"
            raise TemplateError(error.code, message) from error

    def base(self, content: Content) -> Content:
        """The value, if it shows."""
        return content if self.seen else NOTHING

    def draw(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Nothing: where the value shows, the constant part is drawn with it."""
        return Overlay()
