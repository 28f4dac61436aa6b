"""Underlines and other decorations."""

import pytest

from certbeam.artwork.text.decorations import decorate
from certbeam.artwork.text.shaping import shape_line
from certbeam.artwork.text.spans import Decoration, Span, TextStyle

SIZE = 50.0
STYLE = TextStyle(SIZE)


def draw(fonts, text, decoration, **style):
    """Return the box (left, bottom, right, top) of each part of a decoration, in user units above the baseline."""
    span = Span(text, TextStyle(SIZE, **style), decorations=(decoration,))
    plain = shape_line([span], fonts)
    runs = [run for run in decorate(plain, [span]).runs if run not in plain.runs]
    return [
        tuple(value * run.scale for value in box)
        for run in runs
        for outline, _, _ in run.glyphs
        for box in find_boxes(outline.segments)
    ], plain


def find_boxes(segments):
    box = []
    for operator, *points in segments:
        box += points
        if operator == "Z":
            yield (
                min(x for x, _ in box),
                min(y for _, y in box),
                max(x for x, _ in box),
                max(y for _, y in box),
            )
            box = []


def test_an_underline_is_as_wide_as_the_text_and_below_the_baseline(fonts):
    boxes, line = draw(fonts, "Asha", Decoration("underline", 5.0))
    assert boxes == [
        pytest.approx((0, -8, line.width, -3), abs=0.05)
    ]  # the gap of 2.5 is rounded up to a pixel


def test_the_gap_of_an_underline_is_rounded_to_pixels(fonts):
    boxes, _ = draw(fonts, "Asha", Decoration("underline", 5.0, pixel=0.5))
    assert boxes[0][3] == pytest.approx(-2.5, abs=0.05)


def test_an_underline_leaves_room_for_descenders(fonts):
    boxes, line = draw(fonts, "age", Decoration("underline", 5.0))
    assert len(boxes) == 2
    assert boxes[0][0] == 0
    assert boxes[1][2] == pytest.approx(line.width, abs=0.05)
    assert boxes[1][0] - boxes[0][2] > 10
    through, _ = draw(fonts, "age", Decoration("underline", 5.0, skips_ink=False))
    assert len(through) == 1


def test_a_line_through_crosses_the_letters_and_skips_nothing(fonts):
    ((_, bottom, _, top),), _ = draw(fonts, "age", Decoration("line-through", 5.0))
    assert 10 < bottom < top < 25


def test_an_overline_is_above_the_letters(fonts):
    ((_, bottom, _, top),), _ = draw(fonts, "Ah", Decoration("overline", 5.0))
    assert bottom > 40
    assert top - bottom == pytest.approx(5)


@pytest.mark.parametrize(("pattern", "count"), [("double", 2), ("dotted", 12), ("dashed", 5), ("wavy", 1)])
def test_patterns_are_drawn(fonts, pattern, count):
    boxes, line = draw(fonts, "HHH", Decoration("underline", 5.0, pattern))
    assert len(boxes) == count
    assert max(box[2] for box in boxes) <= line.width + 0.05


def test_lines_below_are_drawn_before_the_letters_and_lines_through_after_them(fonts):
    span = Span("a", STYLE, decorations=(Decoration("line-through", 2.0), Decoration("underline", 2.0)))
    line = shape_line([span], fonts)
    under, letter, through = decorate(line, [span]).runs
    assert letter == line.runs[0]
    assert under.glyphs[0][0].segments[0][1][1] < 0 < through.glyphs[0][0].segments[0][1][1]


def test_a_decoration_can_have_a_paint_of_its_own(fonts):
    span = Span("a", STYLE, decorations=(Decoration("underline", 2.0, paint=7),), paint=3)
    line = decorate(shape_line([span], fonts), [span])
    assert [run.paint for run in line.runs] == [7, 3]


def test_spaces_are_underlined_without_a_seam(fonts):
    boxes, line = draw(fonts, "H H H", Decoration("underline", 5.0), word_spacing=20.0)
    assert boxes == [pytest.approx((0, -8, line.width, -3), abs=0.05)]
