"""Baselines of fonts."""

import pytest

from certbeam.artwork.text.baselines import measure_baseline, round_to_pixel
from certbeam.artwork.text.fonts import FontQuery

QUERY = FontQuery(("Noto Sans",), 400, False, "Latn", "en")


@pytest.mark.parametrize(
    ("keyword", "height"),
    [
        ("auto", 0),
        ("alphabetic", 0),
        ("unknown", 0),
        ("middle", 0.268),
        ("central", 0.388),
        ("hanging", 0.855),
        ("mathematical", 0.534),
        ("text-before-edge", 1.069),
        ("text-after-edge", -0.293),
        ("ideographic", -0.293),
    ],
)
def test_a_baseline_comes_from_the_metrics_of_the_font(fonts, keyword, height):
    measured = measure_baseline(keyword, QUERY, fonts, size=30, pixel=1e-6)
    assert measured == pytest.approx(height, abs=0.001)


def test_ascent_descent_and_height_are_rounded_to_pixels_as_in_browsers(fonts):
    assert measure_baseline("central", QUERY, fonts, size=30, pixel=1.0) * 30 == pytest.approx(12)
    assert measure_baseline("text-before-edge", QUERY, fonts, size=40, pixel=1.0) * 40 == pytest.approx(43)


@pytest.mark.parametrize(("length", "rounded"), [(11.5, 12), (-8.8, -9), (0.2, 0)])
def test_a_length_is_rounded_to_pixels(length, rounded):
    assert round_to_pixel(length, 1.0) == rounded
    assert round_to_pixel(length / 2, 0.5) == rounded / 2
