"""Fill the spans of a text chunk with the values of one certificate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.overlay import Color
from certbeam.artwork.svg.character_positions import CharacterPosition, CharacterPositions
from certbeam.artwork.template.css_text import transform_case
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import Decoration, Span, TextStyle
from certbeam.artwork.text.bidi import has_right_to_left
from certbeam.artwork.text.scripts import extends_cluster
from certbeam.foundation.error_codes import ErrorCode

_MAX_FONT_SIZE = 10_000  # user units


@dataclass(frozen=True)
class TextPaint:
    """Paint of outlines.

    Attributes:
        css: the CSS declarations, in addition to those of the <text>.
        color: the fill, if it is one opaque colour; None for any other paint.
        is_in_user_space: True if a transform of the outlines would distort the stroke or gradient.
        layers: the further CSS declarations of each of the paths that are painted over each other.
    """

    css: str = ""
    color: Color | None = None
    is_in_user_space: bool = False
    layers: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class TextDecoration:
    """Line that an element draws at its text.

    Attributes:
        decoration: its geometry.
        paint: its paint; None for that of the text.
    """

    decoration: Decoration
    paint: TextPaint | None = None


@dataclass(frozen=True)
class TextSpan:
    """Part of a text chunk in one style, which becomes a :class:`~certbeam.artwork.text.Span` when filled.

    Attributes:
        content: literal text and variables, in order.
        style: the style of the text; its size is ignored if ``size`` is given.
        size: the variable that sets the font size; None if the size is fixed.
        paint: the paint of its outlines.
        text_transform: the value of the CSS property.
        caps: the value of ``font-variant-caps``; empty for normal capitals.
        start: where it begins, in user units from the start of the chunk; None if it follows the span before it.
        shift: how far it and all that follows is moved along the line, in user units.
        line_offset: how far its line is below that of the chunk, in user units.
        baseline_offset: how far its baseline is below that of its line, in user units.
        baseline_shift: the same, in em of its own font size.
        rotation: by how many degrees each of its characters is rotated clockwise.
        positions: positions that its ancestors give to single characters, the outermost first.
        decorations: lines at the text, the outermost element's first.
    """

    content: tuple[str | Variable, ...]
    style: TextStyle
    size: Variable | None = None
    paint: TextPaint = TextPaint()
    text_transform: str = "none"
    caps: str = ""
    start: float | None = None
    shift: float = 0.0
    line_offset: float = 0.0
    baseline_offset: float = 0.0
    baseline_shift: float = 0.0
    rotation: float = 0.0
    positions: tuple[CharacterPositions, ...] = ()
    decorations: tuple[TextDecoration, ...] = ()


def collect_paints(spans: Sequence[TextSpan]) -> list[TextPaint]:
    """Return the paint of each span, and then that of each decoration with a paint of its own."""
    paints = [span.paint for span in spans]
    for span in spans:
        paints += [decoration.paint for decoration in span.decorations if decoration.paint is not None]
    return paints


def fill_spans(spans: Sequence[TextSpan], texts: Mapping[Variable, str], language: str) -> list[Span]:
    """Fill the spans of a chunk.

    A value is a span of its own in a chunk with text from right to left, so that it can be isolated.

    Args:
        spans: the spans.
        texts: the text of each variable.
        language: BCP 47 tag, for the case of letters.
    """
    is_bidirectional = any(map(has_right_to_left, texts.values())) or any(
        has_right_to_left(part) for span in spans for part in span.content if isinstance(part, str)
    )
    filled: list[Span] = []
    decoration_paint = len(spans)
    for index, span in enumerate(spans):
        decorations = []
        for decoration in span.decorations:
            if decoration.paint is None:
                decorations.append(decoration.decoration)
            else:
                decorations.append(replace(decoration.decoration, paint=decoration_paint))
                decoration_paint += 1
        style = _fill_style(span, texts)
        whole = Span(
            "",
            style,
            span.start,
            span.shift,
            span.line_offset + span.baseline_offset + span.baseline_shift * style.size,
            span.rotation,
            tuple(decorations),
            index,
        )
        filled += _fill_content(
            whole, span, texts, language, by_part=is_bidirectional and len(span.content) > 1
        )
    return filled


def _fill_content(
    whole: Span, span: TextSpan, texts: Mapping[Variable, str], language: str, *, by_part: bool
) -> Iterator[Span]:
    parts = [part if isinstance(part, str) else texts[part] for part in span.content]
    if not by_part:
        is_value = len(span.content) == 1 and not isinstance(span.content[0], str)
        text = transform_case("".join(parts), span.text_transform, language)
        yield replace(whole, text=text, is_isolated=is_value)
        return
    for index, (text, part) in enumerate(zip(parts, span.content, strict=True)):
        piece = replace(
            whole,
            text=transform_case(text, span.text_transform, language),
            is_isolated=not isinstance(part, str),
        )
        yield piece if index == 0 else replace(piece, x=None, dx=0.0)


def _fill_style(span: TextSpan, texts: Mapping[Variable, str]) -> TextStyle:
    if span.size is None:
        return span.style
    return replace(span.style, size=parse_size_value(span.size.name, texts[span.size]))


def parse_size_value(name: str, value: str) -> float:
    """Return the font size that the value of a variable gives, in user units.

    Raises:
        TemplateError: ``value-unsafe``: the value is not a font size.
    """
    try:
        size = float(value.removesuffix("px"))
    except ValueError:
        size = 0.0
    if not 0 < size < _MAX_FONT_SIZE:
        raise TemplateError(
            ErrorCode.VALUE_UNSAFE, f"the value of {name!r} is not a font size: give a number of pixels"
        )
    return size


def position_characters(
    spans: Sequence[Span],
    sources: Sequence[TextSpan],
    origin: tuple[float, float],
    counters: dict[CharacterPositions, int],
) -> list[Span]:
    """Split filled spans where the attributes of an element position single characters.

    Args:
        spans: the filled spans of a chunk, with collapsed white space.
        sources: the spans that they were made from.
        origin: position of the chunk, in user units.
        counters: number of characters so far to which each list of positions was applied; it is updated.
    """
    if not any(source.positions for source in sources):
        return list(spans)
    positioned: list[Span] = []
    moved_down = 0.0  # by the spans before
    for span in spans:
        lowered = replace(span, baseline_offset=span.baseline_offset + moved_down)
        pieces = list(_position_span(lowered, sources[span.paint], origin, counters))
        moved_down += pieces[-1].baseline_offset - lowered.baseline_offset
        positioned += pieces
    return positioned


def _position_span(
    span: Span, source: TextSpan, origin: tuple[float, float], counters: dict[CharacterPositions, int]
) -> Iterator[Span]:
    shift = span.baseline_offset - source.line_offset
    piece = replace(span, text="")
    for character in span.text:
        position = _next_position(source.positions, counters)
        if position.is_given and not extends_cluster(character):
            if piece.text:
                yield piece
                piece = replace(piece, text="", x=None, dx=0.0)
            baseline = piece.baseline_offset if position.y is None else position.y - origin[1] + shift
            piece = replace(
                piece,
                x=piece.x if position.x is None else position.x - origin[0],
                dx=piece.dx + (position.dx or 0.0),
                baseline_offset=baseline + (position.dy or 0.0),
                rotation=piece.rotation if position.rotation is None else position.rotation,
            )
        piece = replace(piece, text=piece.text + character)
    yield piece


def _next_position(
    lists: Sequence[CharacterPositions], counters: dict[CharacterPositions, int]
) -> CharacterPosition:
    """Return the position that lists give to the next character; the innermost list takes precedence.

    What a list gives to its first character has been applied at the start of its element.
    """
    values: list[float | None] = [None] * 5
    for positions in lists:
        index = counters.get(positions, 0)
        counters[positions] = index + 1
        for part, value in enumerate(positions.at(index).values):
            if value is not None:
                values[part] = value if index else None
    return CharacterPosition(*values)
