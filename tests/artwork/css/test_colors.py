"""Compute CSS colours as sRGB."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbeam.artwork.css.colors import compute_color, split_alpha
from certbeam.tests.support import present


@pytest.mark.parametrize(
    ("value", "color"),
    [
        ("#ABC", "#ABC"),
        ("#1238", "#11223388"),
        ("Teal", "teal"),
        ("rebeccapurple", "#663399"),
        ("transparent", "#00000000"),
        ("CURRENTCOLOR", "currentColor"),
        ("RGB(200,30,30)", "#c81e1e"),
        ("rgb(10 20 30 / 50%)", "#0a141e80"),
        ("rgba(100%, 0%, 0%, .5)", "#ff000080"),
        ("hsl(120 50% 50% / .3)", "#40bf404c"),
        ("hsl(0.5turn, 100%, 50%)", "#00ffff"),
        ("hwb(90deg 10% 20%)", "#73cc19"),
        ("lab(50% 40 30)", "#bb5846"),
        ("oklch(60% 0.15 50)", "#c46016"),
        ("oklch(0.6 none 50)", "#808080"),
        ("color(display-p3 1 0 0)", "#ff0000"),
        ("color(srgb .5 .5 .5 / 20%)", "#80808033"),
        ("color-mix(in srgb, red, blue)", "#800080"),
        ("color-mix(in srgb, red 25%, blue)", "#4000bf"),
        ("color-mix(in srgb, red 25%, blue 25%)", "#80008080"),
        ("light-dark(red, blue)", "#ff0000"),
        ("rgb(from #102030 r g b / 50%)", "#10203080"),
        ("rgb(from #102030 calc(r * 2) g b)", "#202030"),
        ("rgb(calc(10 * 2) 0 0)", "#140000"),
        ("CanvasText", "#000000"),
    ],
)
def test_a_color_is_computed_as_srgb(value, color):
    assert compute_color(value) == color


@pytest.mark.parametrize(
    "value",
    ["", "no-color", "#12", "rgb(1 2)", "rgb(1 2 3 4 5)", "color(srgb)", "color-mix(red)", "url(#a)", "1px"],
)
def test_what_is_no_color_is_invalid(value):
    assert compute_color(value) is None


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.integers(0, 100))
def test_a_computed_color_is_computed_to_itself(red, green, blue, alpha):
    color = compute_color(f"rgb({red} {green} {blue} / {alpha}%)")
    assert compute_color(color) == color
    opaque, opacity = split_alpha(present(color))
    assert opaque == f"#{red:02x}{green:02x}{blue:02x}"
    assert opacity == pytest.approx(alpha / 100, abs=0.003)
