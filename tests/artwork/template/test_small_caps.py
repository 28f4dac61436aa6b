"""Small capitals."""

import pytest

from certbeam.artwork.template.small_caps import expand_capitals
from certbeam.artwork.template.text_spans import TextSpan
from certbeam.artwork.text import Span, TextStyle
from certbeam.io.templates.fonts import system_fonts

STYLE = TextStyle(40, ("Noto Sans CJK JP",))  # a font without small capitals


def expand(text, caps, style=STYLE, language="en"):
    source = TextSpan((text,), style, caps=caps)
    expanded = expand_capitals([Span(text, style, x=5)], [source], system_fonts(), language)
    return [(span.text, span.style.size) for span in expanded], expanded


@pytest.mark.parametrize(
    ("text", "caps", "pieces"),
    [
        ("Asha V", "small-caps", [("A", 40), ("SHA", 28), (" V", 40)]),
        ("Aß1", "small-caps", [("A", 40), ("SS", 28), ("1", 40)]),
        ("As 1", "all-small-caps", [("AS", 28), (" 1", 40)]),
        ("Ab", "unicase", [("A", 28), ("b", 40)]),
    ],
)
def test_capitals_are_synthesised_for_a_font_without_them(text, caps, pieces):
    assert expand(text, caps)[0] == pieces


def test_only_the_first_piece_has_the_position_of_the_span():
    assert [span.x for span in expand("Asha", "small-caps")[1]] == [5, None]


def test_a_font_with_small_capitals_is_asked_for_them():
    (span,) = expand("Asha", "small-caps", TextStyle(40, ("Noto Sans",)))[1]
    assert span.style.features == (("smcp", 1),)


def test_letters_have_the_case_of_their_language():
    assert expand("ali", "small-caps", language="tr")[0] == [("ALİ", 28)]
