"""Fit text to the length that its element declares (SVG 2 §11.5, "Resolve text length")."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from certbeam.artwork.text.shaping import GlyphRun, ShapedLine


@dataclass(frozen=True)
class FittedLength:
    """Length that ``textLength`` declares for adjacent spans of a line.

    Attributes:
        first, last: indexes of their paints, the last one included.
        length: in user units.
        stretches_glyphs: True for ``lengthAdjust="spacingAndGlyphs"``.
    """

    first: int
    last: int
    length: float
    stretches_glyphs: bool


def fit_lengths(line: ShapedLine, lengths: Sequence[FittedLength]) -> ShapedLine:
    """Return a line whose spans have the declared lengths.

    Args:
        line: the shaped line, with a glyph run for each cluster.
        lengths: the declared lengths; those of inner elements come first.
    """
    for length in lengths:
        line = _fit(line, length)
    return line


def _fit(line: ShapedLine, fitted: FittedLength) -> ShapedLine:
    runs = sorted(line.runs, key=lambda run: run.x)
    members = [run for run in runs if fitted.first <= run.paint <= fitted.last]
    if not members:
        return line
    left = members[0].x
    right = max(run.x + run.width for run in members)
    difference = fitted.length - (right - left)
    if fitted.stretches_glyphs:
        factor = fitted.length / (right - left) if right > left else 1.0
        moved = {id(run): _stretch(run, left, factor) for run in members}
    else:
        space = difference / (len(members) - 1) if len(members) > 1 else 0.0
        difference = space * (len(members) - 1)
        moved = {id(run): replace(run, x=run.x + index * space) for index, run in enumerate(members)}
    adjusted = [
        moved.get(id(run)) or (replace(run, x=run.x + difference) if run.x >= right else run)
        for run in line.runs
    ]
    return replace(line, runs=tuple(adjusted), width=line.width + difference)


def _stretch(run: GlyphRun, left: float, factor: float) -> GlyphRun:
    return replace(
        run, x=left + (run.x - left) * factor, width=run.width * factor, stretch=run.stretch * factor
    )
