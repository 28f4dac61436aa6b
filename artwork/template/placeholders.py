"""Define the placeholders of a compiled template: its parts that are filled for each certificate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.overlay import Overlay
from certbeam.artwork.qr.qr_code import QrCode
from certbeam.artwork.svg.images import TRANSPARENT_IMAGE
from certbeam.artwork.template.encoded_markup import EMPTY_MARKUP, EncodedMarkup, encode_markup
from certbeam.artwork.template.escape import Escaper, check_printable
from certbeam.artwork.template.variables import Variable


class Placeholder(Protocol):
    """Part of a compiled template that is filled for each certificate."""

    @property
    def variables(self) -> Sequence[Variable]:
        """The variables whose values fill it."""

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:
        """Return the content for one certificate.

        Args:
            values: the values of the template's variables, by name.
            qr: the QR code.

        Raises:
            TemplateError: a value is missing, or cannot be used here.
        """

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return its content in the static background: ``content``, or nothing if the overlay draws it."""

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:
        """Return what is drawn for it over the static background; the arguments are those of :meth:`fill`."""


@dataclass(frozen=True)
class ValuePlaceholder:
    """Placeholder for the value of a variable in an attribute or in a style sheet.

    Attributes:
        variable: the variable.
        escape: escapes its value for this context.
        is_visible: False in descriptions and other parts that are not rendered.
    """

    variable: Variable
    escape: Escaper
    is_visible: bool = True

    @property
    def variables(self) -> Sequence[Variable]:
        """The variable."""
        return (self.variable,)

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:  # noqa: ARG002
        """Return the escaped value.

        Raises:
            TemplateError: the value is missing or cannot be used; the message names the variable.
        """
        value = self.variable.resolve(values)
        try:
            return encode_markup(self.escape(check_printable(value)))
        except TemplateError as error:
            message = f"the value of {self.variable.name!r} cannot be used: {error}"
            raise TemplateError(error.code, message) from error

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return the content if it is visible."""
        return content if self.is_visible else EMPTY_MARKUP

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Return an empty overlay, because the background contains the value."""
        return Overlay()


@dataclass(frozen=True)
class ImagePlaceholder:
    """Placeholder for the value of a variable that is a whole image.

    Attributes:
        variable: the variable.
        sanitise: checks the ``data:`` URI of an image and returns one that needs no escaping.
    """

    variable: Variable
    sanitise: Callable[[str], str]

    @property
    def variables(self) -> Sequence[Variable]:
        """The variable."""
        return (self.variable,)

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:  # noqa: ARG002
        """Return the image as a ``data:`` URI; a transparent one if the value is empty.

        Raises:
            TemplateError: the value is missing or is not an image; the message names the variable.
        """
        value = self.variable.resolve(values)
        try:
            return encode_markup(self.sanitise(value) if value else TRANSPARENT_IMAGE)
        except TemplateError as error:
            message = f"the value of {self.variable.name!r} cannot be used: {error}"
            raise TemplateError(error.code, message) from error

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return the image."""
        return content

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Return an empty overlay, because the background contains the image."""
        return Overlay()
