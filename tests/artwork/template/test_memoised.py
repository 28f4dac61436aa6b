"""Memoised encoders: recent texts are not encoded again, and the cache is bounded."""

import pytest

from certbeam.artwork.template.memoised import memoise_encoder

LONG = 1_000_000


@pytest.fixture
def encoded_texts():
    return []


@pytest.fixture
def encode(encoded_texts):
    @memoise_encoder
    def encode_text(text):
        encoded_texts.append(text)
        return text.encode()

    return encode_text


@pytest.mark.parametrize("text", ["", "Zoë", "ä" * LONG])
def test_a_repeated_text_is_encoded_once(encode, encoded_texts, text):
    assert encode(text) == encode(text) == text.encode()
    assert encoded_texts == [text]


@pytest.mark.parametrize(("length", "count"), [(10, 300), (LONG, 20)])
def test_the_oldest_text_is_evicted(encode, encoded_texts, length, count):
    texts = [f"{number:0{length}}" for number in range(count)]
    for text in (*texts, texts[-1], texts[0]):
        assert encode(text) == text.encode()
    assert len(encoded_texts) == count + 1


def test_a_text_larger_than_the_cache_is_encoded_each_time(encode, encoded_texts):
    text = "x" * 20 * LONG
    assert encode(text) == encode(text)
    assert len(encoded_texts) == 2
