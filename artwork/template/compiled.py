"""Fill a compiled template, which consists of static parts with placeholders between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from certbeam.artwork.errors import Finding
from certbeam.artwork.overlay import Overlay, TextLine
from certbeam.artwork.qr.qr_code import QrCode
from certbeam.artwork.svg.conditions import match_language
from certbeam.artwork.svg.view_box import ViewBox
from certbeam.artwork.template.encoded_markup import EncodedMarkup
from certbeam.artwork.template.placeholders import Placeholder
from certbeam.artwork.template.variables import get_language


@dataclass(frozen=True)
class FilledTemplate:
    """Artwork of one certificate.

    Attributes:
        template: the compiled template.
        contents: the content of each of its placeholders.
        values: the values of its variables, by name.
        qr: the QR code.
    """

    template: "CompiledTemplate"
    contents: tuple[EncodedMarkup, ...]
    values: Mapping[str, str]
    qr: QrCode

    @property
    def svg_parts(self) -> tuple[bytes, ...]:
        """The parts of the SVG document in UTF-8; the static ones are shared with all other certificates."""
        return _interleave(self.template.static_parts, [content.svg for content in self.contents])

    @property
    def svg(self) -> bytes:
        """The SVG document in UTF-8."""
        return b"".join(self.svg_parts)

    @property
    def data_uri_parts(self) -> tuple[bytes, ...]:
        """The parts of the SVG as a ``data:`` URI in ASCII, which needs no escaping in a JSON string."""
        return _interleave(self.template.static_uri_parts, [content.uri for content in self.contents])

    @property
    def background_contents(self) -> tuple[EncodedMarkup, ...]:
        """The content of each placeholder in the static background, which is equal for most certificates."""
        return tuple(
            placeholder.background_content(content)
            for placeholder, content in zip(self.template.placeholders, self.contents, strict=True)
        )

    @cached_property
    def overlay(self) -> Overlay:
        """The drawing operations over the static background."""
        return sum(
            (placeholder.build_overlay(self.values, self.qr) for placeholder in self.template.placeholders),
            Overlay(),
        )


@dataclass(frozen=True)
class CompiledTemplate:
    """Template that was parsed and checked once, and is filled for each certificate.

    Attributes:
        static_parts: the markup before, between and after the placeholders, in UTF-8.
        static_uri_parts: the same, percent-encoded, as a ``data:`` URI.
        placeholders: what is filled between the static parts.
        required_variables: the names of the variables that have no default.
        view_box: its view box and page size.
        findings: what was removed from the source, and what depends on the viewer.
        static_text: its static texts, for search in a PDF.
        digest: identifies the static parts, in hexadecimal.
        variants: the template with the parts for a language, by BCP 47 tag in lower case.
    """

    static_parts: tuple[bytes, ...]
    static_uri_parts: tuple[bytes, ...]
    placeholders: tuple[Placeholder, ...]
    required_variables: frozenset[str]
    view_box: ViewBox
    findings: tuple[Finding, ...]
    static_text: tuple[TextLine, ...]
    digest: str
    variants: Mapping[str, "CompiledTemplate"] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The size of the static parts in bytes, for a cache that is bounded in bytes."""
        own = sum(map(len, self.static_parts)) + sum(map(len, self.static_uri_parts))
        return own + sum(variant.size for variant in self.variants.values())

    def fill(self, values: Mapping[str, str], qr: QrCode) -> FilledTemplate:
        """Fill the placeholders for one certificate.

        Args:
            values: the values of the variables, by name. An image is a ``data:`` URI, or empty for no image. Dates
                are formatted in the language ``language``, a BCP 47 tag, or in English if it is absent.
            qr: the QR code.

        Raises:
            MissingVariable: a variable has neither a value nor a default.
            TemplateError: a value cannot be used; the message has the name of the variable, but never the value.
        """
        if self.variants:
            tag = match_language(tuple(self.variants), get_language(values))
            if tag:
                return self.variants[tag].fill(values, qr)
        contents = tuple([placeholder.fill(values, qr) for placeholder in self.placeholders])
        return FilledTemplate(self, contents, values, qr)

    def background_svg(self, background_contents: Sequence[EncodedMarkup]) -> bytes:
        """Return the static background as an SVG document, from :attr:`FilledTemplate.background_contents`."""
        return b"".join(_interleave(self.static_parts, [content.svg for content in background_contents]))


def _interleave(static_parts: Sequence[bytes], contents: Sequence[bytes]) -> tuple[bytes, ...]:
    parts = [static_parts[0]] * (2 * len(contents) + 1)
    parts[::2] = static_parts
    parts[1::2] = contents
    return tuple(parts)
