"""Making slots of a template's <text> elements, so that text is set by us and not by each viewer."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from certbeam.credentials.template.cascade import (
    LAYOUT_PROPERTIES,
    PAINT_PROPERTIES,
    Cascade,
    Style,
    plain_color,
)
from certbeam.credentials.template.errors import Finding, TemplateError
from certbeam.credentials.template.text_placeholders import Passage, Piece, TextSlot
from certbeam.credentials.template.transforms import reach, to_canvas
from certbeam.credentials.template.tree import SVG, href_of, line_of
from certbeam.credentials.template.variables import Token
from certbeam.credentials.template.view_box import Canvas, pixels
from certbeam.credentials.text import Anchor, FontLibrary, Place, TextStyle, Track, read_track
from certbeam.credentials.text.scripts import clings

_TEXT = f"{{{SVG}}}text"
_TEXT_PATH = f"{{{SVG}}}textPath"
_PATH = f"{{{SVG}}}path"
_PARTS = frozenset({_TEXT, _TEXT_PATH, f"{{{SVG}}}tspan", f"{{{SVG}}}a"})  # a link in a text only shows
_DESCRIPTIONS = frozenset({f"{{{SVG}}}title", f"{{{SVG}}}desc"})
_PLACE_ATTRIBUTES = ("x", "y", "dx", "dy", "rotate", "textLength", "lengthAdjust")
_ANCHORS = {"start": Anchor.START, "middle": Anchor.MIDDLE, "end": Anchor.END}
# How far below the baseline's y these put it, in parts of the font size; near to what fonts say.
_BASELINES = {
    "middle": 0.27,
    "central": 0.35,
    "hanging": 0.72,
    "text-before-edge": 0.95,
    "text-after-edge": -0.2,
}
_WEIGHTS = {"normal": 400, "bold": 700, "lighter": 300, "bolder": 700}
_POSTSCRIPT_STYLE = re.compile(
    r"-(?P<weight>Thin|Light|Medium|Semi-?Bold|Bold|Black)?-?(?P<slant>Italic|Oblique|It)?$"
)
_POSTSCRIPT_WEIGHTS = {"thin": 100, "light": 300, "medium": 500, "semibold": 600, "bold": 700, "black": 900}

_UNKNOWN_UNIT = re.compile(r"v[wh]|vmin|vmax|ex|ch|calc|var")
# How far below the baseline these put it, in parts of the font size around it (CSS Inline 3, baseline-shift).
_SHIFTS = {"baseline": 0.0, "super": -1 / 3, "sub": 1 / 5}
_RELATIVE = re.compile(r"\s*([+-]?[\d.]+)\s*(%|em)\s*")
_DEFAULT_SIZE = 16.0  # pixels, CSS's medium
_MARGIN = 0.05  # of the canvas's width, kept free at both ends of a line
_LEFT = "a text is left to each viewer's fonts"

Resolve = Callable[[str], Sequence[str | Token]]


class _UnsetError(Exception):
    """A text has a feature that is not set here, and stays text."""


@dataclass(frozen=True)
class _Steps:
    """The lists of places in an element's attributes, in user units, and of turns, in degrees."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    dx: tuple[float, ...]
    dy: tuple[float, ...]
    turns: tuple[float, ...]

    @property
    def in_letters(self) -> bool:
        """Whether more than the first letter has one."""
        return max(map(len, (self.x, self.y, self.dx, self.dy, self.turns))) > 1


@dataclass
class _Pen:
    """Where the next letter of a text goes.

    Attributes:
        passages: what has been taken down.
        drop: how far below its passage's baseline.
        shift: how far from the end of the letter before it.
        at: how far from its passage's beginning; None if right after the letter before it.
        raised: how far below that again, by baseline-shift.
        turn: by how many degrees it is turned.
        after_track: whether a path is behind it.
    """

    passages: list[Passage] = field(default_factory=list)
    drop: float = 0.0
    shift: float = 0.0
    at: float | None = None
    raised: float = 0.0
    turn: float = 0.0
    after_track: bool = False

    @property
    def y(self) -> float:
        """The baseline."""
        return self.passages[-1].place.y + self.drop if self.passages else 0.0

    def begin(self, passage: Passage) -> None:
        """Begin a passage."""
        self.passages.append(passage)
        self.drop = self.shift = 0.0
        self.at = None

    def move(self, steps: _Steps) -> None:
        """Move as the attributes of an element say that does not begin a passage."""
        if steps.in_letters:
            return
        place = self.passages[-1].place
        if steps.y and place.anchor is not Anchor.START:
            raise _UnsetError("begins another line at its end")
        self.step(steps, 0, place)

    def step(self, steps: _Steps, index: int, place: Place) -> None:
        """Move as lists say for the letter of a number, in a passage at a place."""
        if index < len(steps.x):
            self.at = steps.x[index] - place.x
        if index < len(steps.y):
            self.drop = steps.y[index] - place.y
        if index < len(steps.dx):
            self.shift += steps.dx[index]
        if index < len(steps.dy):
            self.drop += steps.dy[index]
        if steps.turns:
            self.turn = steps.turns[min(index, len(steps.turns) - 1)]

    def put(self, piece: Piece, parts: Sequence[str | Token]) -> None:
        """Take a piece down where the pen is."""
        placed = replace(
            piece,
            parts=tuple(parts),
            at=self.at,
            shift=self.shift,
            rise=self.drop + self.raised,
            turn=self.turn,
        )
        self.passages[-1] = replace(self.passages[-1], pieces=(*self.passages[-1].pieces, placed))
        if any(not _is_space(part) for part in parts):
            self.at, self.shift = None, 0.0


@dataclass(frozen=True)
class Typesetter:
    """What the texts of one template are set with.

    Attributes:
        canvas: the template's size.
        cascade: its styles.
        fonts: the fonts to choose from.
        resolve: splits marked text into literals and tokens.
    """

    canvas: Canvas
    cascade: Cascade
    fonts: FontLibrary
    resolve: Resolve

    def slots(
        self, root: etree._Element, findings: list[Finding]
    ) -> Iterator[tuple[etree._Element, TextSlot]]:
        """Each <text> that can be set, emptied and made a group, with the slot that fills it.

        A text with a feature that is not set here (vertical, underlined) stays text, with a finding.
        """
        for element in list(root.iter(_TEXT)):
            line = line_of(element)
            try:
                passages = tuple(self._passages(element))
                plain = self.cascade.is_plain(element, self.canvas)
                slot = TextSlot(passages, self.fonts, to_canvas(element), plain, line)
                if not slot.tokens:
                    slot.set({})
            except _UnsetError as error:
                findings.append(Finding("text-unset", line, f"{_LEFT}: it {error}"))
                continue
            except TemplateError as error:
                findings.append(Finding("text-unset", line, f"{_LEFT}: {error}"))
                continue
            self._empty(element)
            yield element, slot

    def _empty(self, element: etree._Element) -> None:
        """Make a <text> a group that paints what it holds as the text was painted."""
        style = self.cascade.declared(element)
        paint = ";".join(f"{name}:{value}" for name, value in style.items() if name in PAINT_PROPERTIES)
        for child in list(element):
            if child.tag in _DESCRIPTIONS:
                child.tail = None
            else:
                element.remove(child)
        for name in (*_PLACE_ATTRIBUTES, *LAYOUT_PROPERTIES, *PAINT_PROPERTIES, "style"):
            element.attrib.pop(name, "")
        if paint:
            element.set("style", paint)
        element.tag = f"{{{SVG}}}g"

    def _passages(self, text: etree._Element) -> Iterator[Passage]:
        if any(ancestor.tag == f"{{{SVG}}}clipPath" for ancestor in text.iterancestors()):
            raise _UnsetError("is a clipping path")
        pen = _Pen()
        self._read(text, text, pen)
        for passage in pen.passages:
            if any(part for piece in passage.pieces for part in piece.parts if not _is_space(part)):
                yield passage if _has_token(passage) else _as_wide_as_it_is(passage)

    def _read(self, element: etree._Element, text: etree._Element, pen: "_Pen") -> None:
        """Take down what a <text> or one of its parts holds; a new x begins a new passage."""
        if element.tag in _DESCRIPTIONS:
            return
        if element.tag not in _PARTS:
            raise _UnsetError(f"holds a <{etree.QName(element).localname}>")
        style = self.cascade.computed(element)
        _check(element, style)
        size = pixels(style.get("font-size")) or _DEFAULT_SIZE
        track = self._track(element) if element.tag == _TEXT_PATH else None
        steps = self._steps(element, size)
        if element is text or track is not None or (steps.x and not steps.in_letters):
            pen.begin(self._begin(element, style, pen, steps, track))
        else:
            pen.move(steps)
        outer_turn, outer_rise = pen.turn, pen.raised
        pen.turn = steps.turns[0] if steps.turns else pen.turn
        pen.raised += _raised(style, pixels(self._size_around(element)) or size)
        piece = self._piece(element, text, style)
        if steps.in_letters:
            self._append_letters(pen, piece, element, style, steps)
        else:
            self._append(pen, piece, element.text)
        for child in element:
            self._read(child, text, pen)
            self._append(pen, piece, child.tail)
        pen.turn, pen.raised = outer_turn, outer_rise
        pen.after_track = pen.after_track or track is not None

    def _append(self, pen: "_Pen", piece: Piece, content: str | None) -> None:
        if pen.after_track and content and content.strip():
            raise _UnsetError("goes on after its path")
        if content and not pen.after_track:
            pen.put(piece, self.resolve(content))

    def _append_letters(
        self, pen: "_Pen", piece: Piece, element: etree._Element, style: Style, steps: "_Steps"
    ) -> None:
        """Take down a text with a place for each of its letters."""
        content = element.text or ""
        is_literal = len(element) == 0 and all(isinstance(part, str) for part in self.resolve(content))
        if not is_literal or _ANCHORS.get(style.get("text-anchor", "start")) is not Anchor.START:
            raise _UnsetError("has a place for each letter")
        kept = style.get("white-space", "normal").startswith("pre")
        letters = re.sub(r"[\t\r\n]", " ", content) if kept else " ".join(content.split())
        passage = pen.passages[-1]
        for index, letter in enumerate(letters):
            if not clings(letter):
                pen.step(steps, index, passage.place)
            pen.put(piece, [letter])

    def _begin(
        self, element: etree._Element, style: Style, pen: "_Pen", steps: "_Steps", track: Track | None
    ) -> Passage:
        size = pixels(style.get("font-size")) or _DEFAULT_SIZE
        right_to_left = {"rtl": True, "ltr": False}.get(style.get("direction", ""))
        keeps_space = style.get("white-space", "normal").startswith("pre")
        anchor = _ANCHORS.get(style.get("text-anchor", "start"), Anchor.START)
        if right_to_left and anchor is not Anchor.MIDDLE:
            anchor = Anchor.END if anchor is Anchor.START else Anchor.START
        if track is not None:
            start = _length(element.get("startOffset"), track.length, size, 0.0)
            return Passage((), Place(start, 0.0, anchor, track.length), right_to_left, keeps_space, track)
        x = (steps.x[0] if steps.x else 0.0) + (steps.dx[0] if steps.dx else 0.0)
        y = (steps.y[0] if steps.y else pen.y) + (steps.dy[0] if steps.dy else 0.0)
        y += _BASELINES.get(style.get("dominant-baseline", ""), 0.0) * size
        width = pixels(style.get("inline-size")) or self._room(element, x, anchor)
        return Passage((), Place(x, y, anchor, width), right_to_left, keeps_space)

    def _steps(self, element: etree._Element, size: float) -> "_Steps":
        """The places that an element gives to its letters."""
        width, height = self.canvas.width, self.canvas.height
        return _Steps(
            x=_lengths(element.get("x"), width, size),
            y=_lengths(element.get("y"), height, size),
            dx=_lengths(element.get("dx"), width, size),
            dy=_lengths(element.get("dy"), height, size),
            turns=_lengths(element.get("rotate"), width, size),
        )

    def _size_around(self, element: etree._Element) -> str:
        parent = element.getparent()
        return "" if parent is None else self.cascade.computed(parent).get("font-size", "")

    def _track(self, element: etree._Element) -> Track:
        """The path that a <textPath> stands on."""
        name = href_of(element).removeprefix("#")
        path = next((each for each in element.getroottree().iter(_PATH) if each.get("id") == name), None)
        track = None if path is None or "transform" in path.attrib else read_track(str(path.get("d", "")))
        plain = element.get("side", "left") == "left" and element.get("method", "align") == "align"
        if track is None or not plain or (path is not None and "pathLength" in path.attrib):
            raise _UnsetError("stands on a path that cannot be followed")
        return track

    def _room(self, element: etree._Element, x: float, anchor: Anchor) -> float:
        """The width up to the edges of the canvas, less a margin."""
        ends = reach(element, self.canvas, self.canvas.width * _MARGIN)
        if ends is None:
            return math.inf
        left, right = ends
        room = {Anchor.START: right - x, Anchor.END: x - left, Anchor.MIDDLE: 2 * min(right - x, x - left)}[
            anchor
        ]
        return room if room > 0 else math.inf

    def _piece(self, element: etree._Element, text: etree._Element, style: Style) -> Piece:
        size = style.get("font-size", "")
        tokens = [part for part in self.resolve(size) if not isinstance(part, str)]
        em = pixels(size) or _DEFAULT_SIZE
        families, weight, italic = _font(style)
        return Piece(
            parts=(),
            style=TextStyle(
                em,
                families,
                weight,
                italic,
                _spacing(style.get("letter-spacing", ""), em),
                _spacing(style.get("word-spacing", ""), em),
            ),
            size=tokens[0] if tokens else None,
            paint="" if element is text else self._paint(element, text),
            color=plain_color(style),
            in_place=style.get("stroke", "none") != "none" or "url(" in style.get("fill", ""),
            case=style.get("text-transform", "none"),
        )

    def _paint(self, element: etree._Element, text: etree._Element) -> str:
        """What a <tspan> and those around it declare for painting."""
        paint: dict[str, str] = {}
        while element is not text:
            paint = self.cascade.declared(element) | paint
            parent = element.getparent()
            if parent is None:
                break
            element = parent
        return ";".join(f"{name}:{value}" for name, value in paint.items() if name in PAINT_PROPERTIES)


def _check(element: etree._Element, style: Style) -> None:
    if "textLength" in element.attrib:
        raise _UnsetError("has stretched letters")
    if _UNKNOWN_UNIT.search(style.get("font-size", "")):
        raise _UnsetError(f"has the font size {style['font-size']}")
    if style.get("writing-mode", "horizontal-tb") not in ("horizontal-tb", "lr", "lr-tb"):
        raise _UnsetError("is vertical")
    if style.get("text-decoration", "none") != "none":
        raise _UnsetError("is underlined")
    if style.get("font-variant", "normal") != "normal":
        raise _UnsetError("is in small capitals")


def _length(written: str | None, whole: float, em: float, absent: float) -> float:
    """A coordinate in user units; the first of a list."""
    return next(iter(_lengths(written, whole, em)), absent)


def _lengths(written: str | None, whole: float, em: float) -> tuple[float, ...]:
    """Coordinates in user units.

    Raises:
        _UnsetError: one of them is no length.
    """
    return tuple(
        _one_length(length, whole, em) for length in re.split(r"[\s,]+", (written or "").strip()) if length
    )


def _one_length(written: str, whole: float, em: float) -> float:
    relative = _RELATIVE.fullmatch(written)
    if relative:
        return float(relative[1]) * (whole / 100 if relative[2] == "%" else em)
    length = pixels(written)
    if length is None:
        raise _UnsetError(f"has {written[:20]!r} for a place")
    return length


def _raised(style: Style, em: float) -> float:
    """How far below the line around it an element's baseline is."""
    shift = style.get("baseline-shift", "baseline")
    if shift in _SHIFTS:
        return _SHIFTS[shift] * em
    return -_length(shift, em, em, 0.0)


def _spacing(written: str, em: float) -> float:
    relative = _RELATIVE.fullmatch(written)
    return float(relative[1]) * em if relative and relative[2] == "em" else pixels(written) or 0.0


def _font(style: Style) -> tuple[tuple[str, ...], int, bool]:
    """Families, weight and slant; a PostScript name such as NotoSans-Bold brings its own."""
    written = [family.strip(" '\"") for family in style.get("font-family", "").split(",")]
    weight = style.get("font-weight", "normal")
    italic = style.get("font-style", "normal") != "normal"
    number = int(weight) if weight.isdigit() else _WEIGHTS.get(weight, 400)
    match = _POSTSCRIPT_STYLE.search(written[0])
    if match is None or not (match["weight"] or match["slant"]):
        return tuple(filter(None, written)), number, italic
    if match["weight"] and weight == "normal":
        number = _POSTSCRIPT_WEIGHTS[match["weight"].lower().replace("-", "")]
    families = (written[0][: match.start()], *written[1:])
    return tuple(filter(None, families)), number, italic or bool(match["slant"])


def _is_space(part: str | Token) -> bool:
    return isinstance(part, str) and part.isspace()


def _has_token(passage: Passage) -> bool:
    return bool(passage.tokens)


def _as_wide_as_it_is(passage: Passage) -> Passage:
    """The template's own text is where its author put it."""
    return replace(passage, place=replace(passage.place, width=math.inf))
