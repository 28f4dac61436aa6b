"""Render a laid-out line of text as SVG markup, and as drawing operations of the overlay."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from certbeam.artwork.geometry import Matrix, build_rotation
from certbeam.artwork.overlay import Color, GlyphImagePlacement, PaintedGlyphRun, TextLine
from certbeam.artwork.template.encoded_markup import MarkupParts
from certbeam.artwork.template.escape import escape_attribute, escape_text
from certbeam.artwork.template.text_spans import TextPaint
from certbeam.artwork.text.layout import PlacedLine
from certbeam.artwork.text.outline import UNITS_PER_EM, GlyphImage
from certbeam.artwork.text.shaping import GlyphRun

# The style of the invisible text over the outlines, which makes them searchable and accessible.
_INVISIBLE = "fill:none!important;stroke:none!important;text-anchor:start;letter-spacing:0;white-space:pre"


def render_line_markup(placed: PlacedLine, paints: Sequence[TextPaint]) -> MarkupParts:
    """Render the outlines of a line, and the line as invisible text over them.

    Args:
        placed: the line.
        paints: the paints to which its glyph runs refer.
    """
    if not placed.line.text:
        return [""]
    parts = []
    before = ""
    for paint, group in groupby(
        (run for run in placed.line.runs if run.glyphs),
        lambda run: run.paint if paints[run.paint].is_in_user_space else None,
    ):
        if paint is not None:
            data = "".join([_build_path_data(run, placed) for run in group])
            for layer in paints[paint].layers:
                css = ";".join(filter(None, (paints[paint].css, layer)))
                parts += [f'{before}<path{_render_style(css)} d="', data]
                before = '"/>'
            continue
        for run in group:
            data = "".join([f"M{x},{-y}{outline.svg}" for outline, x, y in run.glyphs])
            parts += [
                f'{before}<path{_render_style(paints[run.paint].css)} {_render_transform(run, placed)} d="',
                data,
            ]
            before = '"/>'
    if any(run.has_images for run in placed.line.runs):
        parts.append(before + "".join(_render_images(placed)))
        parts.append("")
        before = ""
    rotation = f' transform="{_render_rotation(placed)}"' if placed.rotation else ""
    parts.append(
        f'{before}<text style="{_INVISIBLE};font-size:{_font_size(placed):.4g}px" pointer-events="all"'
        f' x="{placed.x:.7g}" y="{placed.y:.7g}"{rotation} textLength="{placed.width:.7g}"'
        f' lengthAdjust="spacingAndGlyphs">{escape_text(placed.line.text)}</text>'
    )
    return parts


def render_line_data(placed: PlacedLine) -> str:
    """Render the outlines of a line as path data."""
    return "".join([_build_path_data(run, placed) for run in placed.line.runs])


def build_line_outlines(placed: PlacedLine, colors: Sequence[Color], ctm: Matrix) -> list[PaintedGlyphRun]:
    """Build the outlines of a line for the overlay.

    Args:
        placed: the line.
        colors: the fill colours to which its glyph runs refer.
        ctm: from the line's user units to those of the template.
    """
    runs = placed.line.runs
    return [
        PaintedGlyphRun(colors[run.paint], ctm @ _build_run_matrix(run, placed), run.glyphs) for run in runs
    ]


def build_line_images(placed: PlacedLine, ctm: Matrix) -> list[GlyphImagePlacement]:
    """Build the images of a line's glyphs for the overlay; ``ctm`` is as for :func:`build_line_outlines`."""
    return [
        GlyphImagePlacement(
            ctm
            @ _build_run_matrix(run, placed)
            @ Matrix(c=image.slant, e=left, f=bottom)
            @ Matrix(image.width, 0, 0, -image.height, image.left, image.top),
            image,
        )
        for run in placed.line.runs
        if run.has_images
        for image, left, bottom in _find_images(run)
    ]


def build_line_words(placed: PlacedLine, ctm: Matrix, *, continues: bool = False) -> TextLine:
    """Build the searchable text of a line for the overlay.

    Args:
        placed: the line.
        ctm: as for :func:`build_line_outlines`.
        continues: True if it continues the paragraph of the line before it.
    """
    origin = ctm @ Matrix(e=placed.x, f=placed.y)
    if placed.rotation:
        origin = origin @ build_rotation(placed.rotation)
    horizontal_scale = math.hypot(origin.a, origin.b)
    vertical_scale = (origin.a * origin.d - origin.b * origin.c) / horizontal_scale
    return TextLine(
        placed.line.text,
        origin.e,
        origin.f,
        horizontal_scale * placed.width,
        vertical_scale * _font_size(placed),
        math.degrees(math.atan2(origin.b, origin.a)),
        continues,
    )


def _find_images(run: GlyphRun) -> Iterator[tuple[GlyphImage, int, int]]:
    """Yield the images of a run, each with the origin of its glyph in outline units."""
    for outline, left, bottom in run.glyphs:
        if outline.image is not None:
            yield outline.image, left, bottom


def _render_images(placed: PlacedLine) -> Iterator[str]:
    for run in placed.line.runs:
        for image, left, bottom in _find_images(run):
            skew = f"matrix(1,0,{-image.slant:g},1,{left},{-bottom})"
            yield (
                f'<image {_render_transform(run, placed, skew)} x="{image.left}" y="{-image.top}"'
                f' width="{image.width}" height="{image.height}" preserveAspectRatio="none"'
                f' href="{image.data_uri}"/>'
            )


def _render_transform(run: GlyphRun, placed: PlacedLine, inner: str = "") -> str:
    """Return the transform attribute of a run; ``inner`` is a transform that applies before it."""
    x, y = placed.x + run.x * placed.scale, placed.y + run.baseline_offset * placed.scale
    line_rotation = _render_rotation(placed) if placed.rotation else ""
    rotation = f"rotate({run.rotation:.6g})" if run.rotation else ""
    scale = f"{run.scale * placed.scale:.7g}"
    if run.stretch != 1:
        scale = f"{run.scale * placed.scale * run.stretch:.7g},{scale}"
    return f'transform="{line_rotation}translate({x:.7g},{y:.7g}){rotation}scale({scale}){inner}"'


def _render_rotation(placed: PlacedLine) -> str:
    return f"rotate({placed.rotation:.6g},{placed.x:.7g},{placed.y:.7g})"


def _build_rotation(placed: PlacedLine) -> Matrix:
    """Return the matrix that rotates a line about the start of its baseline."""
    rotation = build_rotation(placed.rotation)
    return Matrix(e=placed.x, f=placed.y) @ rotation @ Matrix(e=-placed.x, f=-placed.y)


def _build_run_matrix(run: GlyphRun, placed: PlacedLine) -> Matrix:
    """Return the matrix from the units of a run's outlines, whose y axis points up, to the line's user units."""
    scale = run.scale * placed.scale
    x, y = placed.x + run.x * placed.scale, placed.y + run.baseline_offset * placed.scale
    if run.rotation:
        matrix = Matrix(e=x, f=y) @ build_rotation(run.rotation) @ Matrix(a=scale * run.stretch, d=-scale)
    else:
        matrix = Matrix(a=scale * run.stretch, d=-scale, e=x, f=y)
    return _build_rotation(placed) @ matrix if placed.rotation else matrix


def _build_path_data(run: GlyphRun, placed: PlacedLine) -> str:
    """Return the outlines of a run as path data in the line's user units."""
    matrix = _build_run_matrix(run, placed)
    parts = []
    for outline, left, bottom in run.glyphs:
        for operator, *points in outline.segments:
            moved = [matrix @ Matrix(e=x + left, f=y + bottom) for x, y in points]
            parts.append(operator + ",".join(f"{point.e:.6g},{point.f:.6g}" for point in moved))
    return "".join(parts)


def _render_style(paint: str) -> str:
    return f' style="{escape_attribute(paint)}"' if paint else ""


def _font_size(placed: PlacedLine) -> float:
    """Return the largest font size of a line, in user units."""
    return max((run.scale for run in placed.line.runs), default=0.0) * UNITS_PER_EM * placed.scale
