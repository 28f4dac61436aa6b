"""From characters to placed glyphs: one line of text in any mix of scripts, directions and styles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import uharfbuzz

from certbeam.credentials.text.bidi import embedding_levels, visual_order
from certbeam.credentials.text.fonts import Font, FontLibrary, FontQuery, NoFontError
from certbeam.credentials.text.outline import UNITS_PER_EM, Outline
from certbeam.credentials.text.scripts import clings, script_of_each

# Scripts whose letters join: space between them would tear words apart.
_JOINING = frozenset({"Arab", "Syrc", "Mong", "Nkoo", "Mand", "Phag", "Adlm", "Rohg"})
_UNSPACED = {"liga": True}
_SPACED = {"liga": False, "clig": False}


@dataclass(frozen=True)
class TextStyle:
    """How a piece of text is set.

    Attributes:
        size: font size in user units.
        families: CSS font families, the most wanted first.
        weight: CSS font weight.
        italic: whether it is italic.
        letter_spacing: what is added after each letter, in user units.
        word_spacing: what is added to each space, in user units.
    """

    size: float
    families: tuple[str, ...] = ()
    weight: int = 400
    italic: bool = False
    letter_spacing: float = 0.0
    word_spacing: float = 0.0


@dataclass(frozen=True)
class Span:
    """A piece of text in one style.

    Attributes:
        at: where it begins, in user units from the start of the line; None if it follows what stands before it.
        shift: how far it is moved along the line, with all that follows it.
        rise: how far its baseline is below that of the line.
        turn: by how many degrees each of its letters is turned clockwise, about its place on the baseline.
    """

    text: str
    style: TextStyle
    at: float | None = None
    shift: float = 0.0
    rise: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True)
class GlyphRun:
    """Glyphs of one font and style, from left to right.

    Attributes:
        span: the index of the span they belong to.
        x: where they begin, in user units from the start of the line.
        scale: user units for each unit of the outlines.
        glyphs: the outline of each and the position of its origin, in units of the outlines, y pointing up.
        width: what they take, in user units.
        rise: how far their baseline is below that of the line, in user units.
        turn: by how many degrees they are turned clockwise, about where they begin.
    """

    span: int
    x: float
    scale: float
    glyphs: tuple[tuple[Outline, int, int], ...]
    width: float = 0.0
    rise: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True)
class Line:
    """A line of text, shaped.

    Attributes:
        text: its characters in logical order.
        width: in user units.
        runs: its glyphs.
        advances: what each character adds to the width, in logical order; a cluster's stands at its first.
    """

    text: str
    width: float
    runs: tuple[GlyphRun, ...]
    advances: tuple[float, ...]


@dataclass(frozen=True)
class _Run:
    """Characters that are shaped together.

    Attributes:
        owners: the index of each character's span; all of these have one style.
    """

    start: int
    end: int
    owners: Sequence[int]
    level: int
    script: str
    language: str
    font: Font


def shape_line(
    spans: Sequence[Span],
    fonts: FontLibrary,
    language: str = "en",
    *,
    right_to_left: bool | None = None,
    by_letter: bool = False,
) -> Line:
    """Choose fonts for a line of text and place its glyphs.

    Args:
        spans: the text, in logical order.
        fonts: where to choose from.
        language: BCP 47 tag; it decides between the shapes that languages give one character.
        right_to_left: the direction of the line; None for that of its first letter.
        by_letter: whether each letter (a cluster of glyphs that belong together) becomes a run of its own.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
    """
    text = "".join(span.text for span in spans)
    levels = embedding_levels(text, right_to_left=right_to_left)
    runs = list(_runs(text, spans, levels, fonts, language))
    advances = [0.0] * len(text)
    shaped: list[GlyphRun] = []
    moved: set[int] = set()
    x = 0.0
    for index in visual_order([run.level for run in runs]):
        each = by_letter or any(spans[owner].turn for owner in runs[index].owners)
        style = spans[runs[index].owners[0]].style
        parts, width = _shape_run(text, runs[index], style, advances, by_letter=each)
        for part in parts:
            span = spans[part.span]
            if part.span not in moved:
                moved.add(part.span)
                x = (x if span.at is None else span.at - part.x) + span.shift
            is_in_place = not (x or span.rise or span.turn)
            shaped.append(
                part if is_in_place else replace(part, x=x + part.x, rise=span.rise, turn=span.turn)
            )
        x += width
    return Line(text, x, tuple(shaped), tuple(advances))


def join_lines(lines: Sequence[Line]) -> Line:
    """Lines of one run each, in one font and size, set one after another from left to right."""
    glyphs: list[tuple[Outline, int, int]] = []
    x = scale = 0.0
    for line in lines:
        for run in line.runs:
            scale = run.scale
            pen = round(x / scale)
            glyphs += [(outline, pen + left, bottom) for outline, left, bottom in run.glyphs]
        x += line.width
    advances = tuple(advance for line in lines for advance in line.advances)
    return Line("".join(line.text for line in lines), x, (GlyphRun(0, 0.0, scale, tuple(glyphs)),), advances)


def _runs(
    text: str, spans: Sequence[Span], levels: Sequence[int], fonts: FontLibrary, language: str
) -> Iterator[_Run]:
    codes = script_of_each(text)
    languages = _languages(codes)
    owners = [index for index, span in enumerate(spans) for _ in span.text]
    chosen: list[Font] = []
    before = -1
    for (owner, code), same in groupby(zip(owners, codes, strict=True)):
        style = spans[owner].style
        spoken = languages.get(code, language)
        query = FontQuery(style.families, style.weight, style.italic, code, spoken)
        known = fonts.chosen(query)
        start = len(chosen)
        for character in text[start : start + len(list(same))]:
            # What clings to a character is of its font, unless that is of another span.
            follows = before == owner and clings(character)
            chosen.append(chosen[-1] if follows else known.get(character) or fonts.choose(query, character))
            before = owner

    # Spans that differ in nothing but place or paint are shaped together, for letters kern and join across them.
    styles = [span.style for span in spans]
    first_of_style = [styles.index(style) for style in styles]
    styled = [first_of_style[owner] for owner in owners]
    start = 0
    for (_, level, code, font), together in groupby(zip(styled, levels, codes, chosen, strict=True)):
        end = start + len(list(together))
        yield _Run(start, end, owners[start:end], level, code, languages.get(code, language), font)
        start = end


def _languages(codes: Sequence[str]) -> dict[str, str]:
    """Han characters next to kana are Japanese, and next to Hangul Korean, whatever the language."""
    present = set(codes)
    if present & {"Hira", "Kana"}:
        return {"Hani": "ja"}
    return {"Hani": "ko"} if "Hang" in present else {}


def _shape_run(
    text: str, run: _Run, style: TextStyle, advances: list[float], *, by_letter: bool
) -> tuple[list[GlyphRun], float]:
    """Shape one run, cut where its span changes, and note what each of its characters adds to the width."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text, run.start, run.end - run.start)  # with the text around it as context
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.script = run.script
    buffer.language = run.language
    scale = style.size / UNITS_PER_EM
    spacing = 0.0 if run.script in _JOINING else style.letter_spacing / scale
    uharfbuzz.shape(run.font.harfbuzz, buffer, _SPACED if spacing else _UNSPACED)
    word_spacing = style.word_spacing / scale
    glyphs: list[tuple[Outline, int, int]] = []
    starts: list[
        tuple[int, float, int]
    ] = []  # of parts: the number of glyphs before, where the pen is, and the span
    pen = 0.0
    previous = None

    def add_space(index: int) -> float:
        space = spacing + (word_spacing if text[index] in " \u00a0" else 0.0)
        advances[index] += space * scale
        return space

    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise NoFontError(text[info.cluster])
        if info.cluster != previous:
            if previous is not None and (spacing or word_spacing):
                pen += add_space(previous)
            owner = run.owners[info.cluster - run.start]
            if by_letter or not starts or owner != starts[-1][2]:
                starts.append((len(glyphs), pen, owner))
        previous = info.cluster
        outline = run.font.outline(info.codepoint)
        if outline.segments:
            glyphs.append((outline, round(pen + position.x_offset), position.y_offset))
        pen += position.x_advance
        advances[info.cluster] += position.x_advance * scale
    if previous is not None and (spacing or word_spacing):
        pen += add_space(previous)
    return _cut(glyphs, [*starts, (len(glyphs), pen, -1)], scale), pen * scale


def _cut(
    glyphs: Sequence[tuple[Outline, int, int]], starts: Sequence[tuple[int, float, int]], scale: float
) -> list[GlyphRun]:
    """The parts of a run, from their starts and its end."""
    parts = []
    for (first, pen, span), (last, next_pen, _) in pairwise(starts):
        own = tuple(glyphs[first:last])
        if pen:
            own = tuple((outline, left - round(pen), bottom) for outline, left, bottom in own)
        parts.append(GlyphRun(span, pen * scale, scale, own, (next_pen - pen) * scale))
    return parts
