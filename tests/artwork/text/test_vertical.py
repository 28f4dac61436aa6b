"""Vertical lines."""

import pytest

from certbeam.artwork.text.layout import Anchor, Placement, lay_out_text
from certbeam.artwork.text.shaping import shape_line
from certbeam.artwork.text.spans import Orientation, Span, TextStyle
from certbeam.artwork.text.vertical import find_upright

STYLE = TextStyle(40)


def test_wide_letters_are_upright_and_others_sideways():
    assert list(find_upright("A修\u3099b", Orientation.MIXED)) == [False, True, True, False]
    assert list(find_upright("A修", Orientation.UPRIGHT)) == [True, True]
    assert list(find_upright("A修", Orientation.SIDEWAYS)) == [False, False]


def test_upright_letters_are_rotated_back_and_advance_by_their_height(fonts):
    line = shape_line([Span("修了", STYLE)], fonts, orientation=Orientation.MIXED)
    assert [run.rotation for run in line.runs] == [-90, -90]
    assert line.width == pytest.approx(80, abs=1)
    assert line.runs[1].x == pytest.approx(40, abs=1)


def test_sideways_letters_have_their_middle_on_the_line(fonts):
    (run,) = shape_line([Span("Ab", STYLE)], fonts, orientation=Orientation.MIXED).runs
    assert run.rotation == 0
    assert 10 < run.baseline_offset < 20
    (run,) = shape_line([Span("Ab", STYLE)], fonts, orientation=Orientation.SIDEWAYS).runs
    assert run.baseline_offset == 0


@pytest.mark.parametrize("anchor", Anchor)
def test_a_vertical_line_is_anchored_along_y(fonts, anchor):
    placement = Placement(100, 200, anchor)
    (placed,) = lay_out_text([Span("Ab", STYLE)], placement, fonts, orientation=Orientation.MIXED).lines
    assert (placed.x, placed.rotation) == (100, 90)
    assert placed.y == pytest.approx(200 - anchor.value * placed.width)
