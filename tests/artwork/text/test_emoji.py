"""Test which characters are in emoji presentation, against Unicode Technical Standard 51 and Chromium."""

import pytest

from certbeam.artwork.text.emoji import find_emoji
from certbeam.artwork.text.scripts import resolve_scripts, split_clusters


@pytest.mark.parametrize(
    "emoji",
    [
        "🎉",
        "❤\ufe0f",
        "👩🏽\u200d🚀",
        "👨\u200d👩\u200d👧",
        "🏳\ufe0f\u200d🌈",
        "🏃🏿\u200d♀\ufe0f",
        "❤\ufe0f\u200d🔥",
        "🇮🇳",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "☝🏽",
        "🏽",
        "©\ufe0f",
    ],
)
def test_a_sequence_is_one_emoji(emoji):
    assert find_emoji(f"a {emoji} b") == [(2, 2 + len(emoji))]


@pytest.mark.parametrize("text", ["❤", "☺ ★ ✔", "🎉\ufe0e", "©™", "123 #*", "☎\ufe0e", "①㊗", "ab"])
def test_other_characters_are_in_text_presentation(text):
    assert find_emoji(text) == []


def test_flags_are_pairs():
    assert find_emoji("🇮🇳🇺🇸") == [(0, 2), (2, 4)]


def test_emoji_have_a_script_of_their_own_and_are_not_split():
    assert resolve_scripts("é 🎉❤") == ["Latn", "Latn", "Zsye", "Latn"]
    assert split_clusters("👩🏽\u200d🚀", "Zsye") == ["👩🏽\u200d🚀"]


def test_combining_marks_stay_with_their_letter():
    assert list(split_clusters("Mu\u0303\u0323n", "Latn")) == ["M", "u\u0303\u0323", "n"]
    assert list(split_clusters("Čapek", "Latn")) == list("Čapek")
