"""Measure where a font's baselines are, for ``dominant-baseline`` and ``alignment-baseline``."""

import math
from collections.abc import Mapping

import uharfbuzz

from certbeam.artwork.text.font import Font
from certbeam.artwork.text.fonts import FontLibrary, FontQuery
from certbeam.artwork.text.outline import UNITS_PER_EM

_HANGING = 0.8  # of the ascent; Chromium and Firefox use no baseline table
_MATHEMATICAL = 0.5  # of the ascent

# CSS Inline 3 §4.2.1, with SVG 1.1's names: height in units of ascent, descent and x-height. Every other keyword is the
# alphabetic baseline.
_BASELINES: Mapping[str, tuple[float, float, float]] = {
    "middle": (0, 0, 0.5),
    "central": (0.5, -0.5, 0),
    "hanging": (_HANGING, 0, 0),
    "mathematical": (_MATHEMATICAL, 0, 0),
    "text-before-edge": (1, 0, 0),
    "before-edge": (1, 0, 0),
    "text-after-edge": (0, -1, 0),
    "after-edge": (0, -1, 0),
    "ideographic": (0, -1, 0),
}


def measure_baseline(
    keyword: str, query: FontQuery, fonts: FontLibrary, *, size: float, pixel: float
) -> float:
    """Return how far a baseline is above the alphabetic baseline, in em.

    Args:
        keyword: a value of ``dominant-baseline`` or ``alignment-baseline``.
        query: the font that the text requests.
        fonts: the fonts to choose from.
        size: the font size in user units.
        pixel: size of a pixel in user units, to which browsers round ascent and descent.

    Raises:
        NoFontError: the library has no font for the letter x.
    """
    factors = _BASELINES.get(keyword)
    if factors is None:
        return 0.0
    font = primary_font(query, fonts)
    ascent_factor, descent_factor, x_height_factor = factors
    height = ascent_factor * round_to_pixel(ascent(font) * size, pixel)
    height += descent_factor * round_to_pixel(descent(font) * size, pixel)
    return round_to_pixel(height + x_height_factor * x_height(font) * size, pixel) / size


def round_to_pixel(length: float, pixel: float) -> float:
    """Return the nearest multiple of a pixel's size."""
    return pixel * math.floor(length / pixel + 0.5)


def primary_font(query: FontQuery, fonts: FontLibrary) -> Font:
    """Return the first available font of a query, whose metrics CSS uses."""
    return fonts.cached_choices(query).get("x") or fonts.choose_font(query, "x")


def ascent(font: Font) -> float:
    """Return the ascent of a font in em."""
    return float(font.harfbuzz.get_font_extents("ltr").ascender) / UNITS_PER_EM


def descent(font: Font) -> float:
    """Return the descent of a font in em, a positive number below the baseline."""
    return -float(font.harfbuzz.get_font_extents("ltr").descender) / UNITS_PER_EM


def x_height(font: Font) -> float:
    """Return the height of the letter x in em."""
    tag = uharfbuzz.OTMetricsTag.X_HEIGHT
    return float(font.harfbuzz.get_metric_position_with_fallback(tag)) / UNITS_PER_EM
