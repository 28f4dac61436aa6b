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
