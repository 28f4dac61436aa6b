"""Find texts that are the lines of one paragraph, which have one size also where a long value makes them shrink."""

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from certbeam.artwork.template.text_chunks import TextChunk
from certbeam.artwork.template.text_placeholders import TextPlaceholder
from certbeam.artwork.text import Orientation

_MIN_LINE_HEIGHT = 0.8  # em
_MAX_LINE_HEIGHT = 2.0  # em
_TOLERANCE = 0.05  # em: how far the lines may be out of alignment


def join_paragraphs(
    texts: Sequence[tuple[etree._Element, TextPlaceholder]],
) -> list[tuple[etree._Element, TextPlaceholder]]:
    """Return texts whose adjacent lines know each other, if one of them has a variable.

    Lines are adjacent if they follow each other in the same group, start or are centred at the same x, and have the
    same font and a usual line height.

    Args:
        texts: each <text> with its placeholder, in document order.
    """
    joined: list[tuple[etree._Element, TextPlaceholder]] = []
    lines: list[tuple[etree._Element, TextPlaceholder]] = []
    for text in texts:
        if lines and not (_is_same_group(lines[-1][0], text[0]) and _continues(lines[-1][1], text[1])):
            joined += _join(lines)
            lines = []
        lines.append(text)
    return [*joined, *_join(lines)]


def _join(
    lines: list[tuple[etree._Element, TextPlaceholder]],
) -> list[tuple[etree._Element, TextPlaceholder]]:
    placeholders = tuple(placeholder for _, placeholder in lines)
    if len(lines) < 2 or not any(placeholder.variables for placeholder in placeholders):
        return lines
    return [
        (element, replace(placeholder, paragraph=placeholders, paragraph_index=index))
        for index, (element, placeholder) in enumerate(lines)
    ]


def _is_same_group(element: etree._Element, following: etree._Element) -> bool:
    return element.getparent() is following.getparent() and element.get("transform") == following.get(
        "transform"
    )


def _continues(placeholder: TextPlaceholder, following: TextPlaceholder) -> bool:
    if len(placeholder.chunks) != 1 or len(following.chunks) != 1:
        return False
    (chunk,), (next_chunk,) = placeholder.chunks, following.chunks
    style, next_style = chunk.spans[0].style, next_chunk.spans[0].style
    em = style.size
    line_height = next_chunk.position.y - chunk.position.y
    return (
        style == next_style
        and _is_plain(chunk)
        and _is_plain(next_chunk)
        and chunk.position.anchor is next_chunk.position.anchor
        and abs(chunk.position.x - next_chunk.position.x) <= _TOLERANCE * em
        and _MIN_LINE_HEIGHT * em <= line_height <= _MAX_LINE_HEIGHT * em
    )


def _is_plain(chunk: TextChunk) -> bool:
    return chunk.path is None and chunk.orientation is Orientation.HORIZONTAL and not chunk.lengths
