"""Text with a declared length."""

import pytest

from certbeam.artwork.text.fitted_length import FittedLength, fit_lengths
from certbeam.artwork.text.shaping import shape_line
from certbeam.artwork.text.spans import Span, TextStyle

STYLE = TextStyle(40)


def shape(fonts, *texts):
    return shape_line(
        [Span(text, STYLE, paint=index) for index, text in enumerate(texts)], fonts, split_clusters=True
    )


def test_space_is_added_between_letters_and_not_after_the_last(fonts):
    line = shape(fonts, "abc")
    fitted = fit_lengths(line, [FittedLength(0, 0, line.width + 30, False)])
    assert fitted.width == pytest.approx(line.width + 30)
    assert [b.x - a.x for a, b in zip(line.runs, fitted.runs, strict=True)] == pytest.approx([0, 15, 30])
    assert all(run.stretch == 1 for run in fitted.runs)


def test_letters_are_stretched(fonts):
    line = shape(fonts, "abc")
    fitted = fit_lengths(line, [FittedLength(0, 0, 2 * line.width, True)])
    assert fitted.width == pytest.approx(2 * line.width)
    assert [b.x for b in fitted.runs] == pytest.approx([2 * a.x for a in line.runs])
    assert all(run.stretch == 2 for run in fitted.runs)


def test_the_text_after_a_fitted_part_follows_it(fonts):
    line = shape(fonts, "ab", "cd", "ef")
    fitted = fit_lengths(line, [FittedLength(1, 1, line.runs[4].x - line.runs[2].x + 12, False)])
    moved = [b.x - a.x for a, b in zip(line.runs, fitted.runs, strict=True)]
    assert moved == pytest.approx([0, 0, 0, 12, 12, 12])


def test_a_single_letter_cannot_be_spaced(fonts):
    line = shape(fonts, "a")
    assert fit_lengths(line, [FittedLength(0, 0, 500, False)]).width == pytest.approx(line.width)


def test_an_empty_part_is_ignored(fonts):
    line = shape(fonts, "ab")
    assert fit_lengths(line, [FittedLength(5, 6, 500, False)]) == line
