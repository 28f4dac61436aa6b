"""Encoders that remember: what was asked for lately is not encoded again, and what is kept has a bound."""

import pytest

from certbeam.credentials.template.memoised import remembering

LONG = 1_000_000


@pytest.fixture
def asked():
    return []


@pytest.fixture
def encode(asked):
    @remembering
    def encoded(text):
        asked.append(text)
        return text.encode()

    return encoded


@pytest.mark.parametrize("text", ["", "Zoë", "ä" * LONG])
def test_a_text_that_comes_again_is_encoded_once(encode, asked, text):
    assert encode(text) == encode(text) == text.encode()
    assert asked == [text]


@pytest.mark.parametrize(("length", "many"), [(10, 300), (LONG, 20)])
def test_what_was_asked_for_long_ago_is_forgotten(encode, asked, length, many):
    texts = [f"{number:0{length}}" for number in range(many)]
    for text in (*texts, texts[-1], texts[0]):
        assert encode(text) == text.encode()
    assert len(asked) == many + 1


def test_what_is_larger_than_all_that_may_be_kept_is_encoded_each_time(encode, asked):
    text = "x" * 20 * LONG
    assert encode(text) == encode(text)
    assert len(asked) == 2
