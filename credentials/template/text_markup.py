"""A set line of text, as SVG and as what is drawn over a constant part."""

from collections.abc import Sequence

from certbeam.credentials.drawing import Color, Ink, Matrix, Words
from certbeam.credentials.template import escape
from certbeam.credentials.text.layout import PlacedLine
from certbeam.credentials.text.outline import UNITS_PER_EM

# The text itself, for search, copy and screen readers: laid over its outlines, and seen by nobody.
_UNSEEN = "fill:none!important;stroke:none!important;text-anchor:start;letter-spacing:0;white-space:pre"


def line_markup(placed: PlacedLine, paints: Sequence[str]) -> str:
    """A line's outlines, and the line itself as text that is not seen.

    Args:
        placed: the line.
        paints: the CSS declarations that each of its spans is painted with.
    """
    if not placed.line.text:
        return ""
    paths = []
    for run in placed.line.runs:
        if not run.glyphs:
            continue
        data = "".join([f"M{x},{-y}{outline.svg}" for outline, x, y in run.glyphs])
        style = f' style="{escape.attribute(paints[run.span])}"' if paints[run.span] else ""
        x, scale = placed.x + run.x * placed.zoom, run.scale * placed.zoom
        place = f"translate({x:.7g},{placed.y:.7g})scale({scale:.7g})"
        paths.append(f'<path{style} transform="{place}" d="{data}"/>')
    return (
        f'{"".join(paths)}<text style="{_UNSEEN};font-size:{_size(placed):.4g}px" pointer-events="all"'
        f' x="{placed.x:.7g}" y="{placed.y:.7g}" textLength="{placed.width:.7g}"'
        f' lengthAdjust="spacingAndGlyphs">{escape.text(placed.line.text)}</text>'
    )


def inks(placed: PlacedLine, colors: Sequence[Color], matrix: Matrix) -> list[Ink]:
    """A line's outlines as ink, from the colours of its spans and the matrix to the template's units."""
    drawn = []
    for run in placed.line.runs:
        scale = run.scale * placed.zoom
        place = Matrix(a=scale, d=-scale, e=placed.x + run.x * placed.zoom, f=placed.y)
        drawn.append(Ink(colors[run.span], matrix @ place, run.glyphs))
    return drawn


def words(placed: PlacedLine, matrix: Matrix) -> Words:
    """A line's characters and their place in the template's units."""
    return Words(
        placed.line.text,
        matrix.a * placed.x + matrix.e,
        matrix.d * placed.y + matrix.f,
        matrix.a * placed.width,
        matrix.d * _size(placed),
    )


def _size(placed: PlacedLine) -> float:
    return max((run.scale for run in placed.line.runs), default=0.0) * UNITS_PER_EM * placed.zoom
