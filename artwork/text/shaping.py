"""Shape one line of text with HarfBuzz: from characters in any scripts, directions and styles to positioned glyphs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import uharfbuzz

from certbeam.artwork.text.baselines import ascent, descent
from certbeam.artwork.text.bidi import embedding_levels, visual_order
from certbeam.artwork.text.font import Font
from certbeam.artwork.text.font_families import LATIN_SCRIPTS
from certbeam.artwork.text.fonts import FontLibrary, FontQuery, NoFontError
from certbeam.artwork.text.outline import UNITS_PER_EM, PositionedGlyph
from certbeam.artwork.text.scripts import resolve_scripts, split_clusters
from certbeam.artwork.text.spans import Orientation, Span, TextStyle
from certbeam.artwork.text.vertical import find_upright

# Scripts whose letters join: letter spacing would break the joins.
_JOINING_SCRIPTS = frozenset({"Arab", "Syrc", "Mong", "Nkoo", "Mand", "Phag", "Adlm", "Rohg"})
_LIGATURES = {"liga": 1}
_NO_LIGATURES = {"liga": 0, "clig": 0}  # CSS Text 3 §8.2: letter spacing disables optional ligatures
_WORD_SPACES = " \u00a0"


@dataclass(frozen=True)
class GlyphRun:
    """Glyphs of one font and one span, in visual order.

    Attributes:
        span_index: index of the span that the glyphs belong to.
        x: start in user units from the start of the line.
        scale: user units for each outline unit.
        glyphs: the outlines and their origins, relative to the start of the run.
        width: sum of the advances in user units.
        baseline_offset: distance of the baseline below that of the line, in user units.
        rotation: degrees clockwise about the start of the run.
        stretch: factor by which the glyphs are wider than in the font.
        paint: index of its paint.
        font: the font of the glyphs.
    """

    span_index: int
    x: float
    scale: float
    glyphs: tuple[PositionedGlyph, ...]
    width: float = 0.0
    baseline_offset: float = 0.0
    rotation: float = 0.0
    stretch: float = 1.0
    paint: int = 0
    font: Font | None = None

    @property
    def has_images(self) -> bool:
        """True if a glyph can be an image in colour."""
        return self.font is not None and self.font.has_images


@dataclass(frozen=True)
class ShapedLine:
    """Line of text as glyph runs.

    Attributes:
        text: the characters in logical order.
        width: width in user units.
        runs: the glyph runs in visual order.
        advances: width that each character adds, in logical order. The first character of a cluster has the width
            of the whole cluster.
    """

    text: str
    width: float
    runs: tuple[GlyphRun, ...]
    advances: tuple[float, ...]


@dataclass(frozen=True)
class _ShapingRun:
    """Characters that HarfBuzz shapes in one call.

    Attributes:
        start, end: slice of the line's text.
        span_indexes: the span of each character; these spans have the same style.
        level: embedding level.
        script: ISO 15924 code.
        language: BCP 47 tag.
        font: the font that covers the characters.
        is_upright: True if the letters stand upright in a vertical line.
    """

    start: int
    end: int
    span_indexes: Sequence[int]
    level: int
    script: str
    language: str
    font: Font
    is_upright: bool = False


_RunStart = tuple[int, float, int]
"""Start of a glyph run: number of glyphs before it, pen position in outline units, and span index."""


def shape_line(
    spans: Sequence[Span],
    fonts: FontLibrary,
    language: str = "en",
    *,
    right_to_left: bool | None = None,
    split_clusters: bool = False,
    orientation: Orientation = Orientation.HORIZONTAL,
) -> ShapedLine:
    """Choose the fonts of a line of text and shape it.

    A vertical line is returned as it looks when rotated by 90 degrees anticlockwise.

    Args:
        spans: the text, in logical order.
        fonts: the fonts to choose from.
        language: BCP 47 tag. It selects among the glyphs that languages have for one character.
        right_to_left: True if the line runs from right to left; None takes the direction of its first letter.
        split_clusters: True to return a glyph run for each cluster, such as a letter with its combining marks.
        orientation: the orientation of the letters.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
    """
    text = "".join(span.text for span in spans)
    levels = embedding_levels(text, right_to_left=right_to_left, isolates=_find_isolates(spans))
    shaping_runs = list(_split_runs(text, spans, levels, fonts, language, orientation))
    advances = [0.0] * len(text)
    glyph_runs: list[GlyphRun] = []
    started_spans: set[int] = set()
    x = 0.0
    for index in visual_order([run.level for run in shaping_runs]):
        run = shaping_runs[index]
        style = spans[run.span_indexes[0]].style
        split = split_clusters or any(spans[span_index].rotation for span_index in run.span_indexes)
        parts, width = _shape_run(text, run, style, advances, split_clusters=split)
        if orientation is Orientation.MIXED:
            parts = _center_vertically(parts, run)
        for part in parts:
            span = spans[part.span_index]
            if part.span_index not in started_spans:
                started_spans.add(part.span_index)
                x = (x if span.x is None else span.x - part.x) + span.dx
            glyph_runs.append(_position_run(part, span, x))
        x += width
    return ShapedLine(text, x, tuple(glyph_runs), tuple(advances))


def _find_isolates(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return the slices of the text that are isolated spans."""
    isolates = []
    start = 0
    for span in spans:
        end = start + len(span.text)
        if span.is_isolated and span.text:
            isolates.append((start, end))
        start = end
    return isolates


def _position_run(run: GlyphRun, span: Span, x: float) -> GlyphRun:
    """Return a run moved along the line by ``x``, with the baseline, rotation and paint of its span."""
    if not (x or span.baseline_offset or span.rotation or span.paint):
        return run
    return replace(
        run,
        x=x + run.x,
        baseline_offset=run.baseline_offset + span.baseline_offset,
        rotation=run.rotation + span.rotation,
        paint=span.paint,
    )


def _center_vertically(runs: Sequence[GlyphRun], shaped: _ShapingRun) -> list[GlyphRun]:
    """Return runs of a vertical line with their middle on the line: the central baseline of sideways letters."""
    if shaped.is_upright:
        return list(runs)
    central = (ascent(shaped.font) - descent(shaped.font)) / 2 * UNITS_PER_EM
    return [replace(run, baseline_offset=central * run.scale) for run in runs]


def join_lines(lines: Sequence[ShapedLine]) -> ShapedLine:
    """Join lines from left to right into one line with one glyph run.

    Args:
        lines: lines of at most one glyph run each, all in the same font and size.
    """
    glyphs: list[PositionedGlyph] = []
    x = scale = 0.0
    for line in lines:
        for run in line.runs:
            scale = run.scale
            pen = round(x / scale)
            glyphs += [(outline, pen + left, bottom) for outline, left, bottom in run.glyphs]
        x += line.width
    text = "".join(line.text for line in lines)
    advances = tuple(advance for line in lines for advance in line.advances)
    return ShapedLine(text, x, (GlyphRun(0, 0.0, scale, tuple(glyphs)),), advances)


def _split_runs(
    text: str,
    spans: Sequence[Span],
    levels: Sequence[int],
    fonts: FontLibrary,
    language: str,
    orientation: Orientation,
) -> Iterator[_ShapingRun]:
    """Split a line where style, embedding level, script, font or orientation changes.

    Spans that differ only in position or paint stay together, because letters kern and join across them.
    """
    scripts = resolve_scripts(text)
    languages = _script_languages(scripts, language)
    span_indexes = [index for index, span in enumerate(spans) for _ in span.text]
    chosen = _choose_fonts(text, spans, span_indexes, scripts, languages, fonts)
    styles = [span.style for span in spans]
    first_of_style = [styles.index(style) for style in styles]
    style_indexes = [first_of_style[index] for index in span_indexes]
    upright = find_upright(text, orientation)
    start = 0
    for (_, level, script, font, is_upright), group in groupby(
        zip(style_indexes, levels, scripts, chosen, upright, strict=True)
    ):
        end = start + len(list(group))
        yield _ShapingRun(
            start, end, span_indexes[start:end], level, script, languages[script], font, is_upright
        )
        start = end


def _choose_fonts(
    text: str,
    spans: Sequence[Span],
    span_indexes: Sequence[int],
    scripts: Sequence[str],
    languages: Mapping[str, str],
    fonts: FontLibrary,
) -> list[Font]:
    """Return the font of each character.

    Args:
        text: the whole line.
        spans: the spans of the line.
        span_indexes: the span of each character.
        scripts: the script of each character.
        languages: the language of each script.
        fonts: the fonts to choose from.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
    """
    chosen: list[Font] = []
    for (span_index, script), group in groupby(zip(span_indexes, scripts, strict=True)):
        style = spans[span_index].style
        query = style.query(script, languages[script], has_optical_size=fonts.has_optical_size)
        cached = fonts.cached_choices(query)
        start = len(chosen)
        # A combining mark takes the font of its letter, unless they are in different spans.
        for cluster in split_clusters(text[start : start + len(list(group))], script):
            font = cached.get(cluster)
            chosen += [font] * len(cluster) if font else _choose_cluster_fonts(cluster, query, fonts)
        if script not in LATIN_SCRIPTS:
            _join_words(text, start, chosen)
    return chosen


def _join_words(text: str, start: int, chosen: list[Font]) -> None:
    """Give the spaces after ``start`` the font of the word before them if they are as wide in it.

    The space of a declared font often separates words in the font of their script. Fewer runs are shaped faster.
    """
    index = text.find(" ", start + 1, len(chosen))
    while index > 0:
        word, space = chosen[index - 1], chosen[index]
        if word is not space and word.space_advance == space.space_advance:
            chosen[index] = word
        index = text.find(" ", index + 1, len(chosen))


def _choose_cluster_fonts(cluster: str, query: FontQuery, fonts: FontLibrary) -> list[Font]:
    """Return the font of each character of a cluster: one font for all, if there is one.

    Raises:
        NoFontError: no font has a glyph for one of the characters.
    """
    try:
        return [fonts.choose_font(query, cluster)] * len(cluster)
    except NoFontError:
        if len(cluster) == 1:
            raise
    chosen: list[Font] = []
    for character in cluster:
        if chosen and chosen[-1].covers(character):
            chosen.append(chosen[-1])
        else:
            chosen.append(fonts.choose_font(query, character))
    return chosen


def _script_languages(scripts: Sequence[str], language: str) -> dict[str, str]:
    """Return the language of each script: Han is Japanese next to kana, and Korean next to Hangul.

    Args:
        scripts: the script of each character.
        language: the language of all other scripts.
    """
    languages = dict.fromkeys(scripts, language)
    if "Hira" in languages or "Kana" in languages:
        languages["Hani"] = "ja"
    elif "Hang" in languages:
        languages["Hani"] = "ko"
    return languages


def _shape_run(
    text: str, run: _ShapingRun, style: TextStyle, advances: list[float], *, split_clusters: bool
) -> tuple[list[GlyphRun], float]:
    """Shape one run and split its glyphs where the span changes.

    Args:
        text: the whole line.
        run: the characters to shape.
        style: their style.
        advances: advance of each character of the line. The advances of the run are added to them.
        split_clusters: True to split the glyphs at each cluster.

    Returns:
        The glyph runs and their width in user units.

    Raises:
        NoFontError: the font has no glyph for one of the characters in its context.
    """
    scale = style.size / UNITS_PER_EM
    letter_spacing = 0.0 if run.script in _JOINING_SCRIPTS else style.letter_spacing / scale
    word_spacing = style.word_spacing / scale
    has_spacing = bool(letter_spacing or word_spacing)
    buffer = _call_harfbuzz(text, run, _ligatures(letter_spacing) | dict(style.features))
    glyphs: list[PositionedGlyph] = []
    starts: list[_RunStart] = []
    pen = 0.0
    cluster = -1  # none yet
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise NoFontError(text[info.cluster])
        if info.cluster != cluster:
            if has_spacing and cluster >= 0:
                space = _space_after(text[cluster], letter_spacing, word_spacing)
                advances[cluster] += space * scale
                pen += space
            cluster = info.cluster
            span_index = run.span_indexes[cluster - run.start]
            if split_clusters or run.is_upright or not starts or span_index != starts[-1][2]:
                starts.append((len(glyphs), pen, span_index))
        outline = run.font.load_outline(info.codepoint)
        if outline.segments or outline.image:
            glyphs.append((outline, round(pen + position.x_offset), position.y_offset))
        # An upright letter is a rotated run of its own, in which the pen moves down.
        advance = -position.y_advance if run.is_upright else position.x_advance
        pen += advance
        advances[cluster] += advance * scale
    if has_spacing and cluster >= 0:
        space = _space_after(text[cluster], letter_spacing, word_spacing)
        advances[cluster] += space * scale
        pen += space
    runs = _split_glyphs(glyphs, [*starts, (len(glyphs), pen, -1)], scale, run.font)
    if run.is_upright:
        runs = [replace(part, rotation=-90.0) for part in runs]
    return runs, pen * scale


def _ligatures(letter_spacing: float) -> dict[str, int]:
    return _NO_LIGATURES if letter_spacing else _LIGATURES


def _call_harfbuzz(text: str, run: _ShapingRun, features: Mapping[str, int]) -> uharfbuzz.Buffer:
    """Return a buffer with the shaped glyphs of a run, in visual order."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text, run.start, run.end - run.start)  # HarfBuzz takes the rest of the text as context
    buffer.direction = "ttb" if run.is_upright else "rtl" if run.level % 2 else "ltr"
    buffer.script = run.script
    buffer.language = run.language
    uharfbuzz.shape(run.font.harfbuzz, buffer, features)
    return buffer


def _space_after(character: str, letter_spacing: float, word_spacing: float) -> float:
    """Return the extra space after a cluster that starts with a character."""
    return letter_spacing + (word_spacing if character in _WORD_SPACES else 0.0)


def _split_glyphs(
    glyphs: Sequence[PositionedGlyph], starts: Sequence[_RunStart], scale: float, font: Font
) -> list[GlyphRun]:
    """Split glyphs into runs, whose glyphs are positioned relative to the start of their run.

    Args:
        glyphs: the glyphs of one shaping run.
        starts: the start of each glyph run; the last one is the end of the glyphs.
        scale: user units for each outline unit.
        font: the font of the glyphs.
    """
    runs = []
    for (first, pen, span_index), (last, next_pen, _) in pairwise(starts):
        run_glyphs = tuple(glyphs[first:last])
        if pen:
            run_glyphs = tuple((outline, left - round(pen), bottom) for outline, left, bottom in run_glyphs)
        runs.append(GlyphRun(span_index, pen * scale, scale, run_glyphs, (next_pen - pen) * scale, font=font))
    return runs
