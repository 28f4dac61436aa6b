"""Test flattened paths and text on them."""

import math

import pytest

from certbeam.artwork.text import (
    Anchor,
    Span,
    TextStyle,
    TextTooLongError,
    flatten_path,
    lay_out_on_path,
)
from certbeam.tests.support import present


def find_path(path_data):
    return present(flatten_path(path_data))


def test_a_point_and_the_direction_are_found_by_the_distance_along_a_path():
    path = find_path("M0,0h10v20")
    assert path.length == 30
    assert path.point_at(4) == ((4, 0), 0)
    assert path.point_at(15) == ((10, 5), math.pi / 2)


@pytest.mark.parametrize(("distance", "point"), [(-3, (-3, 0)), (33, (10, 23))])
def test_a_path_continues_straight_beyond_its_ends(distance, point):
    assert find_path("M0,0h10v20").point_at(distance)[0] == pytest.approx(point)


def test_curves_are_flattened():
    quarter_circle = find_path("M100,0A100,100 0 0 1 0,100")
    assert quarter_circle.length == pytest.approx(50 * math.pi, rel=1e-3)
    assert all(math.hypot(*point) == pytest.approx(100, rel=1e-3) for point in quarter_circle.points)


@pytest.mark.parametrize("path_data", ["", "bad", "M0,0", "M0,0h0", "M0,0h9M20,0h9", "M0,0L1e400,0"])
def test_path_data_that_is_invalid_empty_or_in_two_parts_gives_no_path(path_data):
    assert flatten_path(path_data) is None


def test_each_letter_is_rotated_to_the_direction_of_the_path(fonts):
    path = find_path("M0,0V500")
    (line,) = lay_out_on_path([Span("AB", TextStyle(40))], path, 250, Anchor.MIDDLE, fonts).lines
    assert (line.x, line.y + line.width / 2) == pytest.approx((0, 250))
    assert [run.rotation for run in line.line.runs] == pytest.approx([90, 90])


def test_a_text_that_is_longer_than_the_path_shrinks_or_is_refused(fonts):
    path, spans = find_path("M0,0h100"), [Span("Asha Asha", TextStyle(40))]
    (line,) = lay_out_on_path(spans, path, 0, Anchor.START, fonts, min_scale=0.1).lines
    assert line.width == pytest.approx(100)
    with pytest.raises(TextTooLongError, match="the text is longer than the path: shorten it"):
        lay_out_on_path(spans, path, 0, Anchor.START, fonts)
