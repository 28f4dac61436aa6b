"""A set line of text, as SVG and as what is drawn over a constant part."""

import math
from collections.abc import Sequence

from certbeam.credentials.drawing import Color, Ink, Matrix, Words
from certbeam.credentials.template import escape
from certbeam.credentials.template.encoded_markup import Pieces
from certbeam.credentials.text.layout import PlacedLine
from certbeam.credentials.text.outline import UNITS_PER_EM
from certbeam.credentials.text.shape import GlyphRun

# The text itself, for search, copy and screen readers: laid over its outlines, and seen by nobody.
_UNSEEN = "fill:none!important;stroke:none!important;text-anchor:start;letter-spacing:0;white-space:pre"


def line_markup(placed: PlacedLine, paints: Sequence[str], in_place: Sequence[bool] = ()) -> Pieces:
    """A line's outlines, and the line itself as text that is not seen.

    Args:
        placed: the line.
        paints: the CSS declarations that each of its spans is painted with.
        in_place: whether each of its spans is painted with what is measured in the units around it, a stroke or
            a gradient, which a transform of its outlines would distort; by default none is.
    """
    if not placed.line.text:
        return [""]
    pieces = []
    before = ""
    for run in placed.line.runs:
        if not run.glyphs or (in_place and in_place[run.span]):
            continue
        data = "".join([f"M{x},{-y}{outline.svg}" for outline, x, y in run.glyphs])
        x, y, scale = (
            placed.x + run.x * placed.zoom,
            placed.y + run.rise * placed.zoom,
            run.scale * placed.zoom,
        )
        turn = f"rotate({run.turn:.6g})" if run.turn else ""
        place = f"translate({x:.7g},{y:.7g}){turn}scale({scale:.7g})"
        pieces += [f'{before}<path{_style(paints[run.span])} transform="{place}" d="', data]
        before = '"/>'
    for span in (index for index, placed_so in enumerate(in_place) if placed_so):
        data = "".join([_path_data(run, placed) for run in placed.line.runs if run.span == span])
        if data:
            pieces += [f'{before}<path{_style(paints[span])} d="', data]
            before = '"/>'
    pieces.append(
        f'{before}<text style="{_UNSEEN};font-size:{_size(placed):.4g}px" pointer-events="all"'
        f' x="{placed.x:.7g}" y="{placed.y:.7g}" textLength="{placed.width:.7g}"'
        f' lengthAdjust="spacingAndGlyphs">{escape.text(placed.line.text)}</text>'
    )
    return pieces


def inks(placed: PlacedLine, colors: Sequence[Color], matrix: Matrix) -> list[Ink]:
    """A line's outlines as ink, from the colours of its spans and the matrix to the template's units."""
    runs = placed.line.runs
    return [Ink(colors[run.span], matrix @ _matrix(run, placed), run.glyphs) for run in runs]


def _matrix(run: GlyphRun, placed: PlacedLine) -> Matrix:
    """From the units of a run's outlines, y pointing up, to those around the line."""
    scale = run.scale * placed.zoom
    x, y = placed.x + run.x * placed.zoom, placed.y + run.rise * placed.zoom
    if not run.turn:
        return Matrix(a=scale, d=-scale, e=x, f=y)
    cosine, sine = scale * math.cos(math.radians(run.turn)), scale * math.sin(math.radians(run.turn))
    return Matrix(cosine, sine, sine, -cosine, x, y)


def _path_data(run: GlyphRun, placed: PlacedLine) -> str:
    """A run's outlines in the units around the line."""
    matrix = _matrix(run, placed)
    parts = []
    for outline, left, bottom in run.glyphs:
        for operator, *points in outline.segments:
            moved = [matrix @ Matrix(e=x + left, f=y + bottom) for x, y in points]
            parts.append(operator + ",".join(f"{point.e:.6g},{point.f:.6g}" for point in moved))
    return "".join(parts)


def _style(paint: str) -> str:
    return f' style="{escape.attribute(paint)}"' if paint else ""


def words(placed: PlacedLine, matrix: Matrix) -> Words:
    """A line's characters and their place in the template's units."""
    place = matrix @ Matrix(e=placed.x, f=placed.y)
    along = math.hypot(place.a, place.b)
    across = (place.a * place.d - place.b * place.c) / along
    turn = math.degrees(math.atan2(place.b, place.a))
    return Words(placed.line.text, place.e, place.f, along * placed.width, across * _size(placed), turn)


def _size(placed: PlacedLine) -> float:
    return max((run.scale for run in placed.line.runs), default=0.0) * UNITS_PER_EM * placed.zoom
