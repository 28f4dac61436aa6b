"""From characters to placed glyphs: one line of text in any mix of scripts, directions and styles."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

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
    """

    size: float
    families: tuple[str, ...] = ()
    weight: int = 400
    italic: bool = False
    letter_spacing: float = 0.0


@dataclass(frozen=True)
class Span:
    """A piece of text in one style."""

    text: str
    style: TextStyle


@dataclass(frozen=True)
class GlyphRun:
    """Glyphs of one font and style, from left to right.

    Attributes:
        span: the index of the span they belong to.
        x: where they begin, in user units from the start of the line.
        scale: user units for each unit of the outlines.
        glyphs: the outline of each and the position of its origin, in units of the outlines, y pointing up.
    """

    span: int
    x: float
    scale: float
    glyphs: tuple[tuple[Outline, int, int], ...]


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
    """Characters that are shaped together."""

    start: int
    end: int
    span: int
    level: int
    script: str
    language: str
    font: Font


def shape_line(
    spans: Sequence[Span], fonts: FontLibrary, language: str = "en", *, right_to_left: bool | None = None
) -> Line:
    """Choose fonts for a line of text and place its glyphs.

    Args:
        spans: the text, in logical order.
        fonts: where to choose from.
        language: BCP 47 tag; it decides between the shapes that languages give one character.
        right_to_left: the direction of the line; None for that of its first letter.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
    """
    text = "".join(span.text for span in spans)
    levels = embedding_levels(text, right_to_left=right_to_left)
    runs = list(_runs(text, spans, levels, fonts, language))
    advances = [0.0] * len(text)
    shaped = []
    x = 0.0
    for index in visual_order([run.level for run in runs]):
        glyph_run, width = _shape_run(text, runs[index], spans[runs[index].span].style, x, advances)
        shaped.append(glyph_run)
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
    choices: dict[tuple[int, str], Callable[[str], Font]] = {}
    chosen: list[Font] = []
    for index, character in enumerate(text):
        owner, code = owners[index], codes[index]
        if index and owner == owners[index - 1] and clings(character):
            chosen.append(chosen[-1])
            continue
        choice = choices.get((owner, code))
        if choice is None:
            style = spans[owner].style
            spoken = languages.get(code, language)
            choice = fonts.choice(FontQuery(style.families, style.weight, style.italic, code, spoken))
            choices[owner, code] = choice
        chosen.append(choice(character))

    def key(index: int) -> tuple[int, int, str, int]:
        return owners[index], levels[index], codes[index], id(chosen[index])

    for (owner, level, code, _), group in groupby(range(len(text)), key):
        indices = list(group)
        spoken = languages.get(code, language)
        yield _Run(indices[0], indices[-1] + 1, owner, level, code, spoken, chosen[indices[0]])


def _languages(codes: Sequence[str]) -> dict[str, str]:
    """Han characters next to kana are Japanese, and next to Hangul Korean, whatever the language."""
    present = set(codes)
    if present & {"Hira", "Kana"}:
        return {"Hani": "ja"}
    return {"Hani": "ko"} if "Hang" in present else {}


def _shape_run(
    text: str, run: _Run, style: TextStyle, x: float, advances: list[float]
) -> tuple[GlyphRun, float]:
    """Shape one run from ``x`` on, and note what each of its characters adds to the width."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text, run.start, run.end - run.start)  # with the text around it as context
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.script = run.script
    buffer.language = run.language
    spacing = 0 if run.script in _JOINING else style.letter_spacing * UNITS_PER_EM / style.size
    uharfbuzz.shape(run.font.harfbuzz, buffer, _SPACED if spacing else _UNSPACED)
    scale = style.size / UNITS_PER_EM
    glyphs = []
    pen = 0.0
    previous = None
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise NoFontError(text[info.cluster])
        if spacing and previous not in (None, info.cluster):
            pen += spacing
            advances[previous] += spacing * scale
        previous = info.cluster
        outline = run.font.outline(info.codepoint)
        if outline.segments:
            glyphs.append((outline, round(pen + position.x_offset), position.y_offset))
        pen += position.x_advance
        advances[info.cluster] += position.x_advance * scale
    if spacing and previous is not None:
        pen += spacing
        advances[previous] += spacing * scale
    return GlyphRun(run.span, x, scale, tuple(glyphs)), pen * scale
