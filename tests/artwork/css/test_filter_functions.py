"""Filter functions are computed to the notation that browsers and drawing engines share."""

import pytest

from certbeam.artwork.css.lengths import DEFAULT_CONTEXT
from certbeam.artwork.css.property_values import compute_filter


def _compute(value: str) -> str | None:
    return compute_filter(value, DEFAULT_CONTEXT, True)


@pytest.mark.parametrize(
    ("value", "computed"),
    [
        ("drop-shadow(3px 3px 2px rgba(0,0,0,.5))", "drop-shadow(3px 3px 2px #00000080)"),
        ("drop-shadow(rgb(255 0 0) 1in 0)", "drop-shadow(96px 0px #ff0000)"),
        ("drop-shadow(1px 2px currentColor)", "drop-shadow(1px 2px)"),
        ("blur(.5in)", "blur(48px)"),
        ("blur()", "blur(0px)"),
        ("hue-rotate(.25turn) grayscale(150%)", "hue-rotate(90deg) grayscale(1)"),
        ("brightness(1.5) url(#f)", "brightness(1.5) url(#f)"),
        ("url(#f)", "url(#f)"),
        ("none", "none"),
    ],
)
def test_filter_functions_are_computed(value, computed):
    assert _compute(value) == computed


@pytest.mark.parametrize(
    "value",
    [
        "",
        "blur(-1px)",
        "blur(3)",
        "drop-shadow(1px)",
        "drop-shadow(1px 1px -1px)",
        "drop-shadow(1px red 1px)",
        "drop-shadow(red 1px 1px blue)",
        "opacity(-1)",
        "sharpen(1)",
        "blur(1px) url(https://example.org/f.svg#f)",
        "blur(1px) 2px",
    ],
)
def test_an_invalid_filter_is_dropped(value):
    assert _compute(value) is None
