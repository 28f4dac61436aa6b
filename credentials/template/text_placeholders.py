"""The texts of a template, set for each certificate as outlines."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial

from certbeam.credentials.drawing import Color, Ink, Matrix, Overlay, Words
from certbeam.credentials.qr import QrCode
from certbeam.credentials.template import escape
from certbeam.credentials.template.encoded_markup import NOTHING, Content, drawn_content, joined
from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.line_rendering import inks, line_markup, words
from certbeam.credentials.template.variables import Token, language_of
from certbeam.credentials.text import (
    FontLibrary,
    NoFontError,
    Place,
    Span,
    TextBlock,
    TextStyle,
    TextTooLongError,
    Track,
    set_on_track,
    set_text,
)

_WORD = re.compile(r"(?<!\w)\w")  # the first letter of a word
_BREAKS = re.compile(r"[\t\r\n]")
_CACHED_TEXTS = 16  # a course's name and date come again and again; names do not
_SMALLEST = 0.5  # how far a text may shrink where minFontSize does not say it


@dataclass(frozen=True)
class Piece:
    """Part of a text, in one style.

    Attributes:
        parts: literal text and the tokens in it.
        style: how it is set; the size counts only if ``size`` is None.
        size: the token that gives the font size, if a token does.
        paint: the CSS declarations that its outlines are painted with, beside those of the whole text.
        color: the one plain colour that they come out in; None if they are painted in another way.
        in_place: whether the paint is measured in the units around the text, as strokes and gradients are.
        case: CSS's text-transform.
        at, shift, rise, turn: see :class:`~certbeam.credentials.text.Span`.
    """

    parts: tuple[str | Token, ...]
    style: TextStyle
    size: Token | None = None
    paint: str = ""
    color: Color | None = None
    in_place: bool = False
    case: str = "none"
    at: float | None = None
    shift: float = 0.0
    rise: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True)
class Passage:
    """Text that is set as one line, with its place.

    Attributes:
        pieces: its parts.
        place: where it goes; a finite width is the one it is fitted to.
        right_to_left: the direction its element declares; None if it declares none.
        keeps_space: whether runs of white space stay as they are.
        track: the path that it stands on, where the place's x is how far along; None if it stands straight.
    """

    pieces: tuple[Piece, ...]
    place: Place
    right_to_left: bool | None = None
    keeps_space: bool = False
    track: Track | None = None

    @property
    def tokens(self) -> list[Token]:
        """The tokens in its text and sizes."""
        parts = [part for piece in self.pieces for part in piece.parts if not isinstance(part, str)]
        return parts + [piece.size for piece in self.pieces if piece.size is not None]


@dataclass(frozen=True)
class SetText:
    """A <text> element's text, set.

    Attributes:
        blocks: one for each of its passages.
        content: its outlines, and the text itself unseen over them.
    """

    blocks: tuple[TextBlock, ...]
    content: Content


@dataclass(frozen=True)
class _Typesetter:
    """Sets the passages of a <text> element, each time anew."""

    passages: tuple[Passage, ...]
    fonts: FontLibrary

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens in them."""
        return [token for passage in self.passages for token in passage.tokens]

    def set(self, written: tuple[str, ...], language: str, smallest: str) -> SetText:
        """The text with what is written for each of its tokens."""
        texts = {token: _printable(token, value) for token, value in zip(self.tokens, written, strict=True)}
        blocks = tuple(self._set(passage, texts, language, smallest) for passage in self.passages)
        lines = [
            line_markup(
                line,
                [piece.paint for piece in passage.pieces],
                [piece.in_place for piece in passage.pieces],
            )
            for passage, block in zip(self.passages, blocks, strict=True)
            for line in block.lines
        ]
        return SetText(blocks, drawn_content(joined(lines)))

    def _set(self, passage: Passage, texts: Mapping[Token, str], language: str, minimum: str) -> TextBlock:
        spans = [_span(piece, texts, language) for piece in passage.pieces]
        spans = _keep(spans) if passage.keeps_space else _collapse(spans)
        largest = max(span.style.size for span in spans)
        smallest = min(1.0, _number("minFontSize", minimum) / largest) if minimum else _SMALLEST
        place, track = passage.place, passage.track
        fit = (
            partial(set_text, place=place)
            if track is None
            else partial(set_on_track, track=track, start=place.x, anchor=place.anchor)
        )
        try:
            return fit(
                spans,
                fonts=self.fonts,
                language=language,
                right_to_left=passage.right_to_left,
                smallest=smallest,
            )
        except NoFontError as error:
            raise TemplateError("no-font", f"{_names(texts, error.character)}: {error}") from error
        except TextTooLongError as error:
            raise TemplateError("value-too-long", f"{_names(texts)}: {error}") from error


@dataclass(frozen=True)
class TextSlot:
    """The place of one <text> element.

    Attributes:
        passages: its lines.
        fonts: what they are set in.
        matrix: from the element's units to the template's; None where that cannot be told.
        plain: whether nothing around it changes how it is painted, so that it can be drawn over the
            constant part.
        line: where the element stands in the template's source.
    """

    passages: tuple[Passage, ...]
    fonts: FontLibrary
    matrix: Matrix | None = None
    plain: bool = False
    line: int = field(default=0, compare=False)

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens in it."""
        return self._typesetter.tokens

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> Content:  # noqa: ARG002
        """The text's outlines, and the text itself unseen over them."""
        return self.set(values).content

    @property
    def _colors(self) -> list[list[Color]] | None:
        """The colours of each passage's pieces, if the text can be drawn over the constant part."""
        colors = [[piece.color for piece in passage.pieces if piece.color] for passage in self.passages]
        complete = all(
            len(row) == len(passage.pieces) for row, passage in zip(colors, self.passages, strict=True)
        )
        return colors if self.plain and self.matrix is not None and complete else None

    def base(self, content: Content) -> Content:
        """The text, unless it is drawn over the constant part."""
        return content if self._colors is None else NOTHING

    def draw(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """The text's outlines, if they are drawn over the constant part, and the text itself."""
        if self.matrix is None:
            return Overlay()
        drawn: list[Ink] = []
        said: list[Words] = []
        blocks = self.set(values).blocks
        colors = self._colors or [[] for _ in blocks]
        for block, row in zip(blocks, colors, strict=True):
            for line in block.lines:
                said.append(words(line, self.matrix))
                drawn.extend(inks(line, row, self.matrix) if row else ())
        return Overlay(inks=tuple(drawn), words=tuple(said))

    def set(self, values: Mapping[str, str]) -> SetText:
        """The text, set.

        Raises:
            MissingVariable: a value is absent and has no default.
            TemplateError: ``no-font``, ``value-too-long``, ``value-unprintable`` or ``value-unsafe``.
        """
        written = tuple([token.value(values) for token in self.tokens])
        return self._remembered(written, language_of(values), values.get("minFontSize") or "")

    @cached_property
    def _typesetter(self) -> _Typesetter:
        return _Typesetter(self.passages, self.fonts)

    @cached_property
    def _remembered(self) -> Callable[[tuple[str, ...], str, str], SetText]:
        # Of a method of this slot, it would keep the slot when its template leaves the worker's cache.
        return lru_cache(_CACHED_TEXTS)(self._typesetter.set)


def _printable(token: Token, value: str) -> str:
    try:
        return escape.printable(value)
    except TemplateError as error:
        raise TemplateError(error.code, f"the value of {token.name!r} cannot be used: {error}") from error


def _join(parts: Sequence[str | Token], texts: Mapping[Token, str]) -> str:
    return "".join(part if isinstance(part, str) else texts[part] for part in parts)


def _span(piece: Piece, texts: Mapping[Token, str], language: str) -> Span:
    text = _in_case(_join(piece.parts, texts), piece.case, language)
    return Span(text, _style(piece, texts), piece.at, piece.shift, piece.rise, piece.turn)


def _in_case(text: str, case: str, language: str) -> str:
    """A text as CSS's text-transform shows it."""
    if case == "capitalize":
        return _WORD.sub(lambda match: match[0].title(), text)
    if case not in ("uppercase", "lowercase"):
        return text
    if language.partition("-")[0] in ("tr", "az"):  # whose i has its dot in both cases
        text = text.replace("i", "İ") if case == "uppercase" else text.replace("İ", "i").replace("I", "ı")
    return text.upper() if case == "uppercase" else text.lower()


def _style(piece: Piece, texts: Mapping[Token, str]) -> TextStyle:
    if piece.size is None:
        return piece.style
    return replace(piece.style, size=_number(piece.size.name, texts[piece.size]))


def _number(name: str, value: str) -> float:
    try:
        number = float(value.removesuffix("px"))
    except ValueError:
        number = 0.0
    if not 0 < number < 10_000:
        raise TemplateError("value-unsafe", f"the value of {name!r} is no font size: give a number of pixels")
    return number


def _keep(spans: Sequence[Span]) -> list[Span]:
    """White space as ``xml:space="preserve"`` shows it: a space for each character.

    The line feed at the end that Figma writes after each line is no space.
    """
    kept = [replace(span, text=_BREAKS.sub(" ", span.text)) for span in spans[:-1]]
    return kept + [replace(span, text=_BREAKS.sub(" ", span.text.rstrip("\r\n"))) for span in spans[-1:]]


def _collapse(spans: Sequence[Span]) -> list[Span]:
    """White space as SVG shows it: one space for any run of it, and none at the ends."""
    texts = []
    after_space = True
    for span in spans:
        words = " ".join(span.text.split())
        before = " " if span.text[:1].isspace() and not after_space else ""
        after = " " if words and span.text[-1:].isspace() else ""
        text = f"{before}{words}{after}"
        after_space = text.endswith(" ") if text else after_space
        texts.append(text)
    for index in reversed(range(len(texts))):
        texts[index] = texts[index].rstrip()
        if texts[index]:
            break
    return [
        span if span.text == text else replace(span, text=text)
        for span, text in zip(spans, texts, strict=True)
    ]


def _names(texts: Mapping[Token, str], character: str = "") -> str:
    """Which values are concerned: those that hold the character, or the template's own text."""
    names = sorted({token.name for token, text in texts.items() if character in text})
    return f"the value of {' or '.join(map(repr, names))}" if names else "the template's own text"
