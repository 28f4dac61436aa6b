"""The places in a compiled template that differ from certificate to certificate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from certbeam.credentials.qr import CAPTION_HEIGHT, QrCode
from certbeam.credentials.template import escape
from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.tokens import Token


class Slot(Protocol):
    """A place that is filled for each certificate."""

    @property
    def tokens(self) -> Sequence[Token]:
        """The values that stand in it."""

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> str:
        """What stands in it, as SVG markup.

        Raises:
            TemplateError: a value is missing, or cannot stand here.
        """


@dataclass(frozen=True)
class ValueSlot:
    """A place for a value, written in the way its surroundings need.

    Attributes:
        token: which value it is.
        escape: how it is written there.
    """

    token: Token
    escape: escape.Escape

    @property
    def tokens(self) -> Sequence[Token]:
        """The one value."""
        return (self.token,)

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> str:  # noqa: ARG002
        """The value; an error names its variable."""
        value = self.token.value(values)
        try:
            return self.escape(escape.printable(value))
        except TemplateError as error:
            message = f"the value of {self.token.name!r} cannot be used: {error}"
            raise TemplateError(error.code, message) from error


@dataclass(frozen=True)
class QrViewBoxSlot:
    """The place of the QR code's view box, which grows with the length of its data."""

    tokens: Sequence[Token] = ()

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> str:  # noqa: ARG002
        """The view box."""
        return qr.view_box


@dataclass(frozen=True)
class QrCodeSlot:
    """The place of the QR code."""

    tokens: Sequence[Token] = ()

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> str:  # noqa: ARG002
        """The code, black on white, with its caption under it."""
        markup = (
            f'<path fill="#fff" d="M0,0h{qr.width}v{qr.height}h-{qr.width}z"/>'
            f'<path fill="#000" d="{qr.path}"/>'
        )
        if not qr.caption:
            return markup
        return (
            f'{markup}<text x="{qr.width / 2:g}" y="{qr.height - 1.5:g}" text-anchor="middle" fill="#000"'
            f' font-family="sans-serif" font-weight="bold" font-size="{CAPTION_HEIGHT - 0.5:g}"'
            f' letter-spacing="0.2">{escape.text(escape.printable(qr.caption))}</text>'
        )
