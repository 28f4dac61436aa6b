"""Test how lines are split by language for the structure tree of a PDF."""

import pytest

from certbeam.artwork.render.pdf_languages import LanguageRun, normalise_language, split_line


@pytest.mark.parametrize(
    ("text", "document", "languages"),
    [
        ("Asha", "en", [None]),
        ("Asha", "hi", ["en"]),
        ("आशा", "mr", [None]),
        ("आशा", "en", ["hi"]),
        ("Dr. आशा", "en", [None, "hi"]),
        ("5.3.2026", "hi", [None]),
        ("山田 はなこ", "ja", [None]),
        ("山田 はなこ", "en", ["ja", "ja"]),
        ("王小明", "en", ["zh"]),
        ("王小明", "zh-Hans", [None]),
        ("Ана", "sr-Latn", ["ru"]),
        ("ᱥᱟᱱᱛᱟᱲᱤ", "en", ["sat"]),
        ("𞤀𞤣𞤤𞤢𞤥", "en", ["ff"]),
    ],
)
def test_text_in_another_script_has_the_most_probable_language(text, document, languages):
    runs = split_line(text, document).runs
    merged = [run.language for run in runs]
    assert list(dict.fromkeys(merged)) == list(dict.fromkeys(languages))


def test_text_from_right_to_left_is_shown_in_visual_order_with_its_logical_text():
    split = split_line("(محمد) 12", "ar")
    assert split.runs == (LanguageRun(None, "(محمد) 12"),)
    assert "".join(text for _, text in split.pieces) == "12 (دمحم)"


def test_the_visual_order_of_mixed_text_keeps_the_run_of_each_piece():
    split = split_line("Dr. محمد", "en")
    assert split.runs == (LanguageRun(), LanguageRun("ar", "محمد"))
    assert split.pieces == ((0, "Dr. "), (1, "دمحم"))


def test_a_script_beyond_the_basic_plane_stays_in_logical_order():
    assert split_line("𞤀𞤣𞤤", "ff").pieces == ((0, "𞤀𞤣𞤤"),)


@pytest.mark.parametrize(
    ("tag", "normalised"),
    [("hi", "hi"), ("zh_Hans", "zh-Hans"), ("English", "en"), ("हिन्दी", "en"), ("", "en")],
)
def test_the_language_of_a_document_is_a_tag(tag, normalised):
    assert normalise_language(tag) == normalised
