"""Test how text is fitted to its placement."""

import pytest

from certbeam.artwork.text import Anchor, Placement, Span, TextStyle, TextTooLongError, lay_out_text


def lay_out(fonts, text, max_width, min_scale=1.0, anchor=Anchor.START):
    span = Span(text, TextStyle(40))
    return lay_out_text([span], Placement(100, 200, anchor, max_width), fonts, min_scale=min_scale).lines


@pytest.mark.parametrize(("anchor", "share"), [(Anchor.START, 0), (Anchor.MIDDLE, 0.5), (Anchor.END, 1)])
def test_the_anchor_point_of_a_line_is_placed_at_x(fonts, anchor, share):
    (line,) = lay_out(fonts, "Asha", 500, anchor=anchor)
    assert line.x == pytest.approx(100 - share * line.width)
    assert (line.y, line.scale) == (200, 1)


def test_a_text_that_fits_keeps_its_size(fonts):
    (line,) = lay_out(fonts, "Asha", 1000, min_scale=0.5)
    assert line.scale == 1


def test_a_text_that_is_too_wide_shrinks_to_the_maximum_width(fonts):
    (wide,) = lay_out(fonts, "Asha Asha Asha", 1000)
    (line,) = lay_out(fonts, "Asha Asha Asha", wide.width * 0.8, min_scale=0.5)
    assert line.scale == pytest.approx(0.8)
    assert line.width == pytest.approx(wide.width * 0.8)


def test_a_text_that_is_too_wide_at_its_smallest_size_breaks_between_words(fonts):
    (wide,) = lay_out(fonts, "Asha Asha Asha Asha", 1000)
    first, second = lay_out(fonts, "Asha Asha Asha Asha", wide.width * 0.3, min_scale=0.5)
    assert [first.line.text, second.line.text] == ["Asha Asha", "Asha Asha"]
    assert (first.y, second.y) == (200 - 12, 200 + 12)
    assert first.scale == second.scale == 0.5


def test_a_long_word_breaks_between_letters(fonts):
    (wide,) = lay_out(fonts, "A" * 40, 10_000)
    lines = lay_out(fonts, "A" * 40, wide.width * 0.3)
    assert "".join(line.line.text for line in lines) == "A" * 40
    assert max(line.width for line in lines) <= wide.width * 0.3


def test_chinese_breaks_between_characters(fonts):
    assert [line.line.text for line in lay_out(fonts, "王小明王小明", 161)] == ["王小明王", "小明"]


def test_a_line_does_not_break_within_a_conjunct(fonts):
    lines = lay_out(fonts, "प्रार्थना" * 3, 120)
    assert all(line.line.text[0] not in "ा्" for line in lines)
    assert sum(len(line.line.text) for line in lines) == 27


def test_a_text_that_needs_too_many_lines_is_refused(fonts):
    with pytest.raises(TextTooLongError, match="the text needs more than 4 lines: shorten it"):
        lay_out(fonts, "Asha " * 2000, 800)


def test_an_empty_text_has_no_width(fonts):
    (line,) = lay_out(fonts, "", 100)
    assert line.width == 0
