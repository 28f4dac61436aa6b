"""Convert CSS lengths to pixels."""

import pytest

from certbeam.artwork.svg.lengths import parse_length


@pytest.mark.parametrize(
    ("length", "number"),
    [
        ("10", 10),
        ("10px", 10),
        ("3pt", 4),
        ("1in", 96),
        ("25.4mm", 96),
        ("2.54cm", 96),
        ("1pc", 16),
        ("1rem", 16),
        ("50%", None),
        ("2em", None),
        ("x", None),
        ("2e6", None),
    ],
)
def test_absolute_lengths_are_converted_to_pixels(length, number):
    assert parse_length(length) == (None if number is None else pytest.approx(number))
