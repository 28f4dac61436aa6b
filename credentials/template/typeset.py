"""Making slots of a template's <text> elements, so that text is set by us and not by each viewer."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from certbeam.credentials.template.canvas import Canvas, pixels
from certbeam.credentials.template.cascade import (
    LAYOUT_PROPERTIES,
    PAINT_PROPERTIES,
    Cascade,
    Style,
    plain_color,
)
from certbeam.credentials.template.errors import Finding, TemplateError
from certbeam.credentials.template.text_slots import Passage, Piece, TextSlot
from certbeam.credentials.template.tokens import Token
from certbeam.credentials.template.transforms import reach, to_canvas
from certbeam.credentials.template.tree import SVG, line_of
from certbeam.credentials.text import Anchor, FontLibrary, Place, TextStyle

_TEXT = f"{{{SVG}}}text"
_TSPAN = f"{{{SVG}}}tspan"
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

_RELATIVE = re.compile(r"\s*([+-]?[\d.]+)\s*(%|em)\s*")
_DEFAULT_SIZE = 16.0  # pixels, CSS's medium
_MARGIN = 0.05  # of the canvas's width, kept free at both ends of a line
_LEFT = "a text is left to each viewer's fonts"

Resolve = Callable[[str], Sequence[str | Token]]


class _UnsetError(Exception):
    """A text has a feature that is not set here, and stays text."""


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

        A text with a feature that is not set here (on a path, vertical, with a place for each letter) stays
        text, with a finding.
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
            element.remove(child)
        for name in (*_PLACE_ATTRIBUTES, *LAYOUT_PROPERTIES, *PAINT_PROPERTIES, "style"):
            element.attrib.pop(name, "")
        if paint:
            element.set("style", paint)
        element.tag = f"{{{SVG}}}g"

    def _passages(self, text: etree._Element) -> Iterator[Passage]:
        if any(ancestor.tag == f"{{{SVG}}}clipPath" for ancestor in text.iterancestors()):
            raise _UnsetError("is a clipping path")
        passages: list[Passage] = []
        self._read(text, text, passages)
        for passage in passages:
            if any(part for piece in passage.pieces for part in piece.parts if not _is_space(part)):
                yield passage if _has_token(passage) else _as_wide_as_it_is(passage)

    def _read(self, element: etree._Element, text: etree._Element, passages: list[Passage]) -> None:
        """Add what a <text> or <tspan> holds to the passages; a new x begins a new one."""
        if element.tag not in (_TEXT, _TSPAN):
            raise _UnsetError(f"holds a <{etree.QName(element).localname}>")
        style = self.cascade.computed(element)
        _check(element, style)
        if element is text or "x" in element.attrib:
            passages.append(self._begin(element, style, passages))
        elif {"y", "dx", "dy"} & set(element.attrib):
            raise _UnsetError("moves within its line")
        piece = self._piece(element, text, style)
        self._append(passages, piece, element.text)
        for child in element:
            self._read(child, text, passages)
            self._append(passages, piece, child.tail)

    def _append(self, passages: list[Passage], piece: Piece, content: str | None) -> None:
        if content:
            piece = replace(piece, parts=tuple(self.resolve(content)))
            passages[-1] = replace(passages[-1], pieces=(*passages[-1].pieces, piece))

    def _begin(self, element: etree._Element, style: Style, passages: Sequence[Passage]) -> Passage:
        size = pixels(style.get("font-size")) or _DEFAULT_SIZE
        above = passages[-1].place.y if passages else 0.0
        x = _length(element.get("x"), self.canvas.width, size, 0.0)
        y = _length(element.get("y"), self.canvas.height, size, above)
        x += _length(element.get("dx"), self.canvas.width, size, 0.0)
        y += _length(element.get("dy"), self.canvas.height, size, 0.0)
        y += _BASELINES.get(style.get("dominant-baseline", ""), 0.0) * size
        anchor = _ANCHORS.get(style.get("text-anchor", "start"), Anchor.START)
        right_to_left = {"rtl": True, "ltr": False}.get(style.get("direction", ""))
        if right_to_left and anchor is not Anchor.MIDDLE:
            anchor = Anchor.END if anchor is Anchor.START else Anchor.START
        width = pixels(style.get("inline-size")) or self._room(element, x, anchor)
        keeps_space = style.get("white-space", "normal").startswith("pre")
        return Passage((), Place(x, y, anchor, width), right_to_left, keeps_space)

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
                em, families, weight, italic, _letter_spacing(style.get("letter-spacing", ""), em)
            ),
            size=tokens[0] if tokens else None,
            paint="" if element is text else self._paint(element, text),
            color=plain_color(style),
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
    if {"rotate", "textLength"} & set(element.attrib):
        raise _UnsetError("has turned or stretched letters")
    if style.get("writing-mode", "horizontal-tb") not in ("horizontal-tb", "lr", "lr-tb"):
        raise _UnsetError("is vertical")
    if style.get("text-decoration", "none") != "none":
        raise _UnsetError("is underlined")
    if style.get("font-variant", "normal") != "normal":
        raise _UnsetError("is in small capitals")
    if style.get("baseline-shift", "baseline") not in ("baseline", "0"):
        raise _UnsetError("is raised or lowered")


def _length(written: str | None, whole: float, em: float, absent: float) -> float:
    """A coordinate in user units.

    Raises:
        _UnsetError: it is a list, or no length.
    """
    if written is None:
        return absent
    relative = _RELATIVE.fullmatch(written)
    if relative:
        return float(relative[1]) * (whole / 100 if relative[2] == "%" else em)
    length = pixels(written)
    if length is None:
        raise _UnsetError("has a place for each letter")
    return length


def _letter_spacing(written: str, em: float) -> float:
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
