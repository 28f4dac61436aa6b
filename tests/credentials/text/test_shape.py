"""Which glyphs a name is set in, and where."""

import pytest
import uharfbuzz

from certbeam.credentials.text import NoFontError, Span, TextStyle
from certbeam.credentials.text.scripts import script_of_each
from certbeam.credentials.text.shape import shape_line

# A name in each script of the issue, and the font that its script is set in.
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
    ("王小明", "NotoSansCJK-Regular"),
    ("김민준", "NotoSansCJK-Regular"),
]


def shape(fonts, text, language="en", **style):
    return shape_line([Span(text, TextStyle(**{"size": 1000, **style}))], fonts, language)


def harfbuzz_width(fonts, name, font, index):
    """What HarfBuzz by itself makes of the whole text in one font."""
    face = uharfbuzz.Face(fonts.files[font](), index)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(name)
    buffer.guess_segment_properties()
    uharfbuzz.shape(uharfbuzz.Font(face), buffer)
    return sum(position.x_advance for position in buffer.glyph_positions) * 1000 / face.upem


@pytest.mark.parametrize(("name", "font"), NAMES)
def test_each_script_is_set_as_harfbuzz_sets_it_in_the_font_of_the_script(fonts, name, font):
    line = shape(fonts, name)
    index = {"王": 2, "김": 1}.get(name[0], 0)
    assert line.width == pytest.approx(harfbuzz_width(fonts, name, font, index), rel=1e-3)
    assert sum(line.advances) == pytest.approx(line.width)
    assert len({run.span for run in line.runs}) == 1


def test_conjuncts_are_formed(fonts):
    line = shape(fonts, "प्रार्थना")
    assert (
        sum(len(run.glyphs) for run in line.runs) == 6
    )  # pra, aa, tha with reph, na, aa: one glyph less than letters


def test_urdu_is_set_in_nastaliq(fonts):
    assert shape(fonts, "خان", "ur").width != shape(fonts, "خان", "ar").width


def test_japanese_and_chinese_have_their_own_shapes(fonts):
    chinese, japanese = (shape(fonts, "直", language).runs[0].glyphs[0][0] for language in ("zh-Hans", "ja"))
    assert chinese.svg != japanese.svg


def test_han_next_to_kana_is_japanese_whatever_the_language(fonts):
    (with_kana, *_), alone = shape(fonts, "直の", "hi").runs, shape(fonts, "直", "ja").runs[0]
    assert with_kana.glyphs[0] == alone.glyphs[0]


def test_runs_stand_side_by_side_in_the_order_they_are_read(fonts):
    line = shape(fonts, "A אב")
    latin, hebrew = line.runs[0], line.runs[-1]
    assert latin.x == 0
    assert hebrew.x + sum(line.advances[2:]) == pytest.approx(line.width)


def test_the_nearest_weight_and_slant_are_chosen(fonts):
    widths = [shape(fonts, "Asha", weight=weight).width for weight in (400, 450, 700, 699)]
    assert widths[0] == widths[1]
    assert widths[2] == widths[3]
    assert widths[0] < widths[2]
    assert shape(fonts, "Asha", italic=True).width != widths[0]


def test_a_script_without_italic_is_set_upright(fonts):
    assert shape(fonts, "आशा", italic=True).width == shape(fonts, "आशा").width


def test_a_serif_family_is_set_in_serif(fonts):
    serif = shape(fonts, "Asha", families=("Times New Roman", "serif"))
    assert serif.width == shape(fonts, "Asha", families=("Noto Serif",)).width
    assert serif.width != shape(fonts, "Asha", families=("Open Sans", "sans-serif")).width


def test_letter_spacing_follows_each_letter(fonts):
    assert shape(fonts, "Asha", letter_spacing=10).width == pytest.approx(shape(fonts, "Asha").width + 40)


def test_letter_spacing_tears_no_joined_letters_apart(fonts):
    assert shape(fonts, "محمد", letter_spacing=10).width == shape(fonts, "محمد").width


@pytest.mark.parametrize(
    ("text", "code"), [("A\U0001fae0", "U+1FAE0"), ("\ue000", "U+E000"), ("A\u0378", "U+0378")]
)
def test_a_character_that_no_font_has_is_named(fonts, text, code):
    with pytest.raises(NoFontError, match=f"no font for {code.replace('+', '[+]')} "):
        shape(fonts, text)


def test_a_closing_bracket_is_of_the_script_of_the_opening_one():
    assert script_of_each("王 (W) 王")[2:6] == ["Hani", "Latn", "Hani", "Hani"]
    assert script_of_each("A (王 [b) c")[6:] == ["Latn", "Latn", "Latn", "Latn"]
    assert script_of_each("a) 王") == ["Latn", "Latn", "Latn", "Hani"]
