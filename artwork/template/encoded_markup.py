"""Encode the content of placeholders for both outputs: SVG documents and ``data:`` URIs."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from certbeam.artwork.svg.percent_encoding import percent_encode
from certbeam.artwork.template.memoised import memoise_encoder


class EncodedMarkup(NamedTuple):
    """SVG markup in both encodings.

    Attributes:
        svg: the markup in UTF-8.
        uri: the same markup, percent-encoded.
    """

    svg: bytes
    uri: bytes


EMPTY_MARKUP = EncodedMarkup(b"", b"")

MarkupParts = Sequence[str]
"""Alternating markup and path data. It begins and ends with markup, which may be empty."""


def encode_parts(parts: MarkupParts) -> EncodedMarkup:
    """Encode markup that contains paths.

    Path data, most of a certificate, has only characters that need no percent-encoding.
    """
    svg = [part.encode() for part in parts]
    uri = svg.copy()
    uri[::2] = map(percent_encode, parts[::2])
    return EncodedMarkup(b"".join(svg), b"".join(uri))


def encode_markup(markup: str) -> EncodedMarkup:
    """Encode markup without paths.

    The most recent results are kept, because many certificates share a text or an image.
    """
    return EncodedMarkup(_encode_utf8(markup), _encode_percent(markup))


def join_parts(sequences: Iterable[MarkupParts]) -> list[str]:
    """Concatenate markup, so that markup and path data still alternate."""
    parts = [""]
    for first, *rest in sequences:
        parts[-1] += first
        parts += rest
    return parts


_encode_utf8 = memoise_encoder(str.encode)
_encode_percent = memoise_encoder(percent_encode)
