"""What is filled into a template, in the two forms that certificates are written in."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from certbeam.credentials.template.memoised import remembering
from certbeam.credentials.template.percent_encoding import percent_encode


class Content(NamedTuple):
    """What stands in a slot.

    Attributes:
        svg: SVG markup in UTF-8.
        uri: the same, percent-encoded.
    """

    svg: bytes
    uri: bytes


NOTHING = Content(b"", b"")

Pieces = Sequence[str]
"""Markup and path data by turns; markup, which may be empty, comes first and last."""


def drawn_content(pieces: Pieces) -> Content:
    """Markup with paths: their data, most of a certificate, is the same in both forms."""
    svg = [piece.encode() for piece in pieces]
    uri = svg.copy()
    uri[::2] = map(percent_encode, pieces[::2])
    return Content(b"".join(svg), b"".join(uri))


def written_content(markup: str) -> Content:
    """Markup without paths. It may be a picture, or what many certificates have: the last ones are remembered."""
    return Content(_utf8(markup), _percent_encoded(markup))


def joined(several: Iterable[Pieces]) -> list[str]:
    """The pieces of several, one after another."""
    pieces = [""]
    for first, *others in several:
        pieces[-1] += first
        pieces += others
    return pieces


_utf8 = remembering(str.encode)
_percent_encoded = remembering(percent_encode)
