"""How a text is fitted to its place."""

import pytest

from certbeam.credentials.text import Anchor, Place, Span, TextStyle, TextTooLongError, set_text


def lines(fonts, text, width, smallest=1.0, anchor=Anchor.START):
    span = Span(text, TextStyle(40))
    return set_text([span], Place(100, 200, anchor, width), fonts, smallest=smallest).lines


@pytest.mark.parametrize(("anchor", "share"), [(Anchor.START, 0), (Anchor.MIDDLE, 0.5), (Anchor.END, 1)])
def test_the_anchor_stands_at_x(fonts, anchor, share):
    (line,) = lines(fonts, "Asha", 500, anchor=anchor)
    assert line.x == pytest.approx(100 - share * line.width)
    assert (line.y, line.zoom) == (200, 1)


def test_a_text_that_fits_keeps_its_size(fonts):
    (line,) = lines(fonts, "Asha", 1000, smallest=0.5)
    assert line.zoom == 1


def test_a_text_too_wide_shrinks_to_its_place(fonts):
    (wide,) = lines(fonts, "Asha Asha Asha", 1000)
    (line,) = lines(fonts, "Asha Asha Asha", wide.width * 0.8, smallest=0.5)
    assert line.zoom == pytest.approx(0.8)
    assert line.width == pytest.approx(wide.width * 0.8)


def test_a_text_too_wide_in_its_smallest_size_wraps_between_words(fonts):
    (wide,) = lines(fonts, "Asha Asha Asha Asha", 1000)
    first, second = lines(fonts, "Asha Asha Asha Asha", wide.width * 0.3, smallest=0.5)
    assert [first.line.text, second.line.text] == ["Asha Asha", "Asha Asha"]
    assert (first.y, second.y) == (200 - 12, 200 + 12)
    assert first.zoom == second.zoom == 0.5


def test_a_long_word_breaks_between_letters(fonts):
    (wide,) = lines(fonts, "A" * 40, 10_000)
    broken = lines(fonts, "A" * 40, wide.width * 0.3)
    assert "".join(line.line.text for line in broken) == "A" * 40
    assert max(line.width for line in broken) <= wide.width * 0.3


def test_chinese_breaks_between_characters(fonts):
    assert [line.line.text for line in lines(fonts, "王小明王小明", 161)] == ["王小明王", "小明"]


def test_conjuncts_do_not_break(fonts):
    broken = lines(fonts, "प्रार्थना" * 3, 120)
    assert all(line.line.text[0] not in "ा्" for line in broken)
    assert sum(len(line.line.text) for line in broken) == 27


def test_a_text_that_never_fits_is_refused(fonts):
    with pytest.raises(TextTooLongError, match="more than 4 lines"):
        lines(fonts, "Asha " * 2000, 800)


def test_an_empty_text_takes_nothing(fonts):
    (line,) = lines(fonts, "", 100)
    assert line.width == 0
