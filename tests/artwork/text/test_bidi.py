"""Test the order of bidirectional text against another implementation of the Unicode algorithm."""

import bidi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbeam.artwork.text.bidi import embedding_levels, visual_order


def reorder(text):
    levels = embedding_levels(text)
    return "".join(text[index] for index in visual_order(levels))


@pytest.mark.parametrize(
    "text",
    ["Asha", "محمد علي", "Prof. प्रार्थना (محمد) 2026", "שלום [A (b)] 12", "(אב", "A) אב", "3 אב 4-5 אב", ""],
)
def test_names_are_in_the_visual_order_of_the_unicode_algorithm(text):
    assert reorder(text) == bidi.get_display(text)


@given(st.text("Ab אבמحد(12)[],.-"))
def test_any_mixed_text_is_in_the_visual_order_of_the_unicode_algorithm(text):
    assert reorder(text) == bidi.get_display(text)


def test_a_joiner_has_the_embedding_level_of_the_letter_before_it():
    assert embedding_levels("می\u200cخواهم") == [1] * 8


def test_the_direction_of_the_line_can_be_given():
    assert embedding_levels("A.", right_to_left=True) == [2, 1]
    assert embedding_levels("א.", right_to_left=False) == [1, 0]


def test_an_isolate_has_the_direction_of_the_line_and_does_not_affect_the_text_around_it():
    text = "a אב (1) b"
    assert embedding_levels(text, right_to_left=False)[5:8] == [1, 2, 1]
    levels = embedding_levels(text, right_to_left=False, isolates=[(2, 4)])
    assert levels == [0, 0, 3, 3, 0, 0, 0, 0, 0, 0]


def test_an_isolate_from_left_to_right_in_a_line_from_right_to_left_is_one_run():
    assert embedding_levels("א (ab) ב", right_to_left=True, isolates=[(3, 5)]) == [1, 1, 1, 4, 4, 1, 1, 1]


def test_an_isolate_from_right_to_left_in_a_line_from_right_to_left_is_embedded():
    assert embedding_levels("א ב", right_to_left=True, isolates=[(2, 3)]) == [1, 1, 3]


def test_a_text_that_is_one_isolate_has_the_order_of_the_text_alone():
    for text in ("אב 12/05 (a+)", "(אב) [גד]", "a אב, b (1)"):
        levels = embedding_levels(text, right_to_left=False, isolates=[(0, len(text))])
        assert visual_order(levels) == visual_order(embedding_levels(text, right_to_left=False))


@given(st.text("aא1( ", max_size=8), st.text("aא1( ", max_size=8), st.text("aא1( ", max_size=8))
def test_levels_around_an_isolate_are_those_around_a_neutral_character(before, inside, after):
    isolates = [(len(before), len(before) + len(inside))]
    levels = embedding_levels(before + inside + after, right_to_left=False, isolates=isolates)
    around = embedding_levels(f"{before}\ufffc{after}", right_to_left=False)
    assert (
        levels[: len(before)] + levels[len(before) + len(inside) :]
        == around[: len(before)] + around[len(before) + 1 :]
    )
