"""The places in a compiled template that differ from certificate to certificate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certbeam.credentials.qr import CAPTION_HEIGHT, QrCode
from certbeam.credentials.template import escape
from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.tokens import Token

# Gives what stands in the place, as SVG markup.
Slot = Callable[[Mapping[str, str], QrCode], str]


@dataclass(frozen=True)
class ValueSlot:
    """A place for a value, written in the way its surroundings need.

    Attributes:
        token: which value it is.
        escape: how it is written there.
    """

    token: Token
    escape: escape.Escape

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> str:  # noqa: ARG002
        """The value as it is written there; an error names the variable."""
        value = self.token.value(values)
        try:
            return self.escape(escape.printable(value))
        except TemplateError as error:
            raise TemplateError(
                error.code, f"the value of {self.token.name!r} cannot stand here: {error}"
            ) from error


def qr_view_box(values: Mapping[str, str], qr: QrCode) -> str:  # noqa: ARG001
    """The view box of the QR code, which grows with the length of its data."""
    return qr.view_box


def qr_code(values: Mapping[str, str], qr: QrCode) -> str:  # noqa: ARG001
    """The QR code: black on white, with its caption under it."""
    markup = (
        f'<path fill="#fff" d="M0,0h{qr.width}v{qr.height}h-{qr.width}z"/><path fill="#000" d="{qr.path}"/>'
    )
    if not qr.caption:
        return markup
    return (
        f'{markup}<text x="{qr.width / 2:g}" y="{qr.height - 1.5:g}" text-anchor="middle" fill="#000"'
        f' font-family="sans-serif" font-weight="bold" font-size="{CAPTION_HEIGHT - 0.5:g}"'
        f' letter-spacing="0.2">{escape.text(escape.printable(qr.caption))}</text>'
    )
