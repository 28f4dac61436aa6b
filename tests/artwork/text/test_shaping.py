"""Test the choice of fonts and the shaping of names in every script."""

import pytest
import uharfbuzz

from certbeam.artwork.text import NoFontError, Span, TextStyle
from certbeam.artwork.text.scripts import resolve_scripts
from certbeam.artwork.text.shaping import shape_line

# A name in each supported script, and the font of the script.
NAMES = [
    ("José Müller Čapek", "NotoSans-Regular"),
    ("Γιώργος Παπαδόπουλος", "NotoSans-Regular"),
    ("Александр Щербаков", "NotoSans-Regular"),
    ("प्रार्थना श्रीवास्तव", "NotoSansDevanagari-Regular"),
    ("শ্রীমতী ঋতুপর্ণা", "NotoSansBengali-Regular"),
    ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "NotoSansGurmukhi-Regular"),
    ("પ્રજ્ઞા શ્રીમાળી", "NotoSansGujarati-Regular"),
    ("ଶ୍ରୀମତୀ ପ୍ରତିଭା", "NotoSansOriya-Regular"),
    ("ஸ்ரீனிவாசன் கிருஷ்ணன்", "NotoSansTamil-Regular"),
    ("శ్రీనివాస్ కృష్ణ", "NotoSansTelugu-Regular"),
    ("ಶ್ರೀನಿವಾಸ ಕೃಷ್ಣ", "NotoSansKannada-Regular"),
    ("ശ്രീലക്ഷ്മി കൃഷ്ണൻ", "NotoSansMalayalam-Regular"),
    ("ශ්‍රී ප්‍රසන්න", "NotoSansSinhala-Regular"),
    ("สมศักดิ์ ตั้งใจ", "NotoSansThai-Regular"),
    ("ສົມສັກ ແກ້ວ", "NotoSansLao-Regular"),
    ("សុខ វណ្ណា ខ្មែរ", "NotoSansKhmer-Regular"),
    ("မောင်မောင်ကြည်", "NotoSansMyanmar-Regular"),
    ("محمد عبد الله", "NotoSansArabic-Regular"),
    ("عبدالرحمٰن خان", "NotoSansArabic-Regular"),
    ("שָׂרָה כהן", "NotoSansHebrew-Regular"),
    ("ሰላም ተስፋዬ", "NotoSansEthiopic-Regular"),
    ("王小明", "NotoSansCJKsc-Regular"),
    ("김민준", "NotoSansCJKkr-Regular"),
]


def shape(fonts, text, language="en", **style):
    return shape_line([Span(text, TextStyle(**{"size": 1000, **style}))], fonts, language)


def harfbuzz_width(fonts, name, font):
    """Return the width that HarfBuzz gives the whole text in one font."""
    face = fonts.installed.find_face(font).open_face()
    buffer = uharfbuzz.Buffer()
    buffer.add_str(name)
    buffer.guess_segment_properties()
    uharfbuzz.shape(uharfbuzz.Font(face), buffer)
    return sum(position.x_advance for position in buffer.glyph_positions) * 1000 / face.upem


@pytest.mark.parametrize(("name", "font"), NAMES)
def test_each_script_is_shaped_as_harfbuzz_shapes_it_in_the_font_of_the_script(fonts, name, font):
    line = shape(fonts, name)
    assert line.width == pytest.approx(harfbuzz_width(fonts, name, font), rel=1e-3)
    assert sum(line.advances) == pytest.approx(line.width)
    assert len({run.span_index for run in line.runs}) == 1


def test_conjuncts_are_formed(fonts):
    line = shape(fonts, "प्रार्थना")
    # pra, aa, tha, reph, na, aa: fewer glyphs than characters
    assert sum(len(run.glyphs) for run in line.runs) == 6


def test_urdu_is_shaped_in_nastaliq(fonts):
    assert shape(fonts, "خان", "ur").width != shape(fonts, "خان", "ar").width


def test_japanese_and_chinese_have_different_glyphs_for_one_character(fonts):
    chinese, japanese = (shape(fonts, "直", language).runs[0].glyphs[0][0] for language in ("zh-Hans", "ja"))
    assert chinese.svg != japanese.svg


def test_han_next_to_kana_is_japanese_in_any_language(fonts):
    (with_kana, *_), alone = shape(fonts, "直の", "hi").runs, shape(fonts, "直", "ja").runs[0]
    assert with_kana.glyphs[0] == alone.glyphs[0]


def test_runs_follow_one_another_in_visual_order(fonts):
    line = shape(fonts, "A אב")
    latin, hebrew = line.runs[0], line.runs[-1]
    assert latin.x == 0
    assert hebrew.x + sum(line.advances[2:]) == pytest.approx(line.width)


def test_the_font_of_the_nearest_weight_and_slant_is_chosen(fonts):
    widths = [shape(fonts, "Asha", weight=weight).width for weight in (400, 450, 700, 699)]
    assert widths[0] == widths[1]
    assert widths[2] == widths[3]
    assert widths[0] < widths[2]
    assert shape(fonts, "Asha", italic=True).width != widths[0]


def test_italic_text_is_slanted_in_a_script_without_italic_fonts(fonts):
    italic, upright = shape(fonts, "आशा", italic=True), shape(fonts, "आशा")
    assert italic.width == upright.width
    assert italic.runs[0].glyphs[0][0].svg != upright.runs[0].glyphs[0][0].svg


def test_a_serif_font_replaces_a_serif_family_that_is_not_installed(fonts):
    serif = shape(fonts, "Asha", families=("Times New Roman", "serif"))
    assert serif.width == shape(fonts, "Asha", families=("Noto Serif",)).width
    assert serif.width != shape(fonts, "Asha", families=("Open Sans", "sans-serif")).width


def test_letter_spacing_is_added_after_each_letter(fonts):
    assert shape(fonts, "Asha", letter_spacing=10).width == pytest.approx(shape(fonts, "Asha").width + 40)


def test_letter_spacing_is_ignored_in_a_script_whose_letters_join(fonts):
    assert shape(fonts, "محمد", letter_spacing=10).width == shape(fonts, "محمد").width


@pytest.mark.parametrize(
    ("text", "code"), [("A\U00030000", "U+30000"), ("\ue000", "U+E000"), ("A\u0378", "U+0378")]
)
def test_the_error_names_the_character_that_no_font_has(fonts, text, code):
    with pytest.raises(NoFontError, match=f"no font for {code.replace('+', '[+]')} "):
        shape(fonts, text)


def test_a_closing_bracket_has_the_script_of_its_opening_bracket():
    assert resolve_scripts("王 (W) 王")[2:6] == ["Hani", "Latn", "Hani", "Hani"]
    assert resolve_scripts("A (王 [b) c")[6:] == ["Latn", "Latn", "Latn", "Latn"]
    assert resolve_scripts("a) 王") == ["Latn", "Latn", "Latn", "Hani"]
