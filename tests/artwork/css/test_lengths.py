"""Compute CSS lengths, angles and numbers."""

import pytest

from certbeam.artwork.css.lengths import LengthContext, compute_angle, compute_length, compute_number
from certbeam.artwork.css.tokens import parse_value

CONTEXT = LengthContext(font_size=20, root_font_size=10, viewport=(400, 300), page=(800, 600))


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("12", 12),
        ("1e2px", 100),
        ("1in", 96),
        ("25.4mm", 96),
        ("3pt", 4),
        ("2em", 40),
        ("2rem", 20),
        ("10%", 30),
        ("10vw", 80),
        ("10svh", 60),
        ("10vmin", 60),
        ("10vmax", 80),
        ("calc(50% + 10px)", 160),
        ("calc(2 * (3px + 1em) - 4px / 2)", 44),
        ("min(30px, 1in)", 30),
        ("max(30px, 1in, 5vw)", 96),
        ("clamp(10px, 5vw, 40px)", 40),
        ("calc(1px * sin(90deg))", 1),
        ("abs(-3px)", 3),
        ("round(17px, 5px)", 15),
    ],
)
def test_a_length_is_computed_in_user_units(value, length):
    assert compute_length(parse_value(value), CONTEXT, 300) == pytest.approx(length)


@pytest.mark.parametrize(
    "value",
    ["", "auto", "1px 2px", "10deg", "calc(1px + 2)", "calc(1px * 1px)", "calc(1px / 0)", "min()", "1quux"],
)
def test_what_is_no_length_is_invalid(value):
    assert compute_length(parse_value(value), CONTEXT, 300) is None


@pytest.mark.parametrize("value", ["calc(infinity * 1px)", "calc(" * 40 + "1px" + ")" * 40])
def test_an_infinite_or_deeply_nested_calculation_is_invalid(value):
    assert compute_length(parse_value(value), CONTEXT, 300) is None


def test_a_style_sheet_needs_units_but_for_zero():
    assert compute_length(parse_value("12"), CONTEXT, 300, allow_number=False) is None
    assert compute_length(parse_value("0"), CONTEXT, 300, allow_number=False) == 0


def test_a_percentage_needs_something_that_it_refers_to():
    assert compute_length(parse_value("50%"), CONTEXT, None) is None


@pytest.mark.parametrize(
    ("value", "degrees"), [("0.5turn", 180), ("100grad", 90), ("calc(1deg + 1deg)", 2), ("0", 0)]
)
def test_an_angle_is_computed_in_degrees(value, degrees):
    assert compute_angle(parse_value(value)) == pytest.approx(degrees)


def test_an_angle_needs_a_unit():
    assert compute_angle(parse_value("90")) is None


@pytest.mark.parametrize(
    ("value", "number"), [("0.5", 0.5), ("50%", 0.5), ("calc(1 / 4)", 0.25), ("1px", None)]
)
def test_a_number_can_be_a_percentage(value, number):
    assert compute_number(parse_value(value), percentages=True) == number
