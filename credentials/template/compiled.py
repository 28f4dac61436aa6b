"""A template ready to be filled: constant bytes with slots between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from certbeam.credentials.drawing import Overlay, Words
from certbeam.credentials.qr import QrCode
from certbeam.credentials.template.encoded_markup import Content
from certbeam.credentials.template.errors import Finding
from certbeam.credentials.template.placeholders import Slot
from certbeam.credentials.template.view_box import Canvas


@dataclass(frozen=True)
class FilledTemplate:
    """A certificate's picture.

    Attributes:
        template: what was filled.
        contents: what stands in each of its slots.
        values, qr: what it was filled with.
    """

    template: "CompiledTemplate"
    contents: tuple[Content, ...]
    values: Mapping[str, str]
    qr: QrCode

    @property
    def svg_parts(self) -> tuple[bytes, ...]:
        """The printable SVG document, in UTF-8: the template's constants, as they are, and what is filled in."""
        return _interleave(self.template.constants, [content.svg for content in self.contents])

    @property
    def svg(self) -> bytes:
        """The printable SVG document, in UTF-8."""
        return b"".join(self.svg_parts)

    @property
    def data_uri_parts(self) -> tuple[bytes, ...]:
        """The SVG as a ``data:`` URI in ASCII; it can stand in a JSON string as it is."""
        return _interleave(self.template.uri_constants, [content.uri for content in self.contents])

    @property
    def base_contents(self) -> tuple[Content, ...]:
        """What stands in each slot while the constant part is drawn; equal for most learners."""
        return tuple(
            slot.base(content) for slot, content in zip(self.template.slots, self.contents, strict=True)
        )

    @cached_property
    def overlay(self) -> Overlay:
        """What is drawn over the constant part."""
        return sum((slot.draw(self.values, self.qr) for slot in self.template.slots), Overlay())


@dataclass(frozen=True)
class CompiledTemplate:
    """A template that was parsed and checked once, to be filled for every certificate.

    Attributes:
        constants: what stands before, between and after the slots, as UTF-8 markup.
        uri_constants: the same, percent-encoded, as a ``data:`` URI.
        slots: what is filled in between.
        variables: the names of the values it asks for, without those that have a default.
        canvas: its size.
        findings: what the security rules removed from its source, and what they left to the viewers.
        constant_words: its own texts, which nothing is filled into.
        digest: names what it was compiled to, in hexadecimal.
    """

    constants: tuple[bytes, ...]
    uri_constants: tuple[bytes, ...]
    slots: tuple[Slot, ...]
    variables: frozenset[str]
    canvas: Canvas
    findings: tuple[Finding, ...]
    constant_words: tuple[Words, ...]
    digest: str

    @property
    def size(self) -> int:
        """The bytes it holds, for a cache that is bounded in bytes."""
        return sum(map(len, self.constants)) + sum(map(len, self.uri_constants))

    def fill(self, values: Mapping[str, str], qr: QrCode) -> FilledTemplate:
        """Put one certificate's values in.

        Args:
            values: name to text. An image is a ``data:`` URI, or empty to be left out; ``language`` (a
                BCP 47 tag) is the language that dates are written in, English if absent.
            qr: the QR code.

        Raises:
            MissingVariable: the template asks for a value that is absent and has no default.
            TemplateError: a value cannot stand where the template wants it; the message names the value's
                variable and never the value.
        """
        return FilledTemplate(self, tuple([slot(values, qr) for slot in self.slots]), values, qr)

    def base_svg(self, base_contents: Sequence[Content]) -> bytes:
        """The SVG of the constant part, from FilledTemplate.base_contents."""
        return b"".join(_interleave(self.constants, [content.svg for content in base_contents]))


def _interleave(constants: Sequence[bytes], contents: Sequence[bytes]) -> tuple[bytes, ...]:
    pieces = [constants[0]] * (2 * len(contents) + 1)
    pieces[::2] = constants
    pieces[1::2] = contents
    return tuple(pieces)
