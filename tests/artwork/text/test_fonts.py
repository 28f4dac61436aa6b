"""Test the choice of fonts: declared families, fallback, private characters and the last resort."""

import pytest

from certbeam.artwork.text import FaceIndex, FontLibrary, NoFontError
from certbeam.artwork.text.font_file import open_font_file
from certbeam.artwork.text.fonts import FontQuery
from certbeam.tests.artwork.text.built_fonts import build_font

STANDARD = [
    ("Noto Sans", "Regular", {}),
    ("Noto Sans", "Bold", {"weight": 700}),
    ("Noto Serif", "Regular", {}),
    ("Liberation Serif", "Regular", {"text": "A"}),
    ("Noto Sans Devanagari", "Regular", {"text": "अ "}),
]


def build_library(*fonts):
    """Return a library of built fonts: family, style, and the arguments of build_font."""
    faces = [
        open_font_file(build_font(family, style, **{"text": "AB ", **arguments}))
        for family, style, arguments in fonts
    ]
    return FontLibrary(FaceIndex(faces))


def find_name(library, text, *families, weight=400, italic=False, script="Latn", language="en"):
    """Return the full name of the face that is chosen for a text."""
    font = library.choose_font(FontQuery(families, weight, italic, script, language), text)
    faces = (*library.installed.faces, *library.embedded.faces)
    (face,) = (face for face in faces if font in face._fonts.values())
    return face.full_names[0]


@pytest.mark.parametrize(
    ("families", "name"),
    [
        (("Noto Serif",), "Noto Serif Regular"),
        (("noto serif",), "Noto Serif Regular"),
        (("NotoSerif",), "Noto Serif Regular"),
        (("Unknown", "Noto Serif"), "Noto Serif Regular"),
        (("Noto Sans Bold",), "Noto Sans Bold"),
        (("NotoSans-Bold",), "Noto Sans Bold"),
        (("Noto Serif", "Noto Sans"), "Noto Serif Regular"),
        (("Times New Roman",), "Liberation Serif Regular"),
        (("Unknown", "sans-serif"), "Noto Sans Regular"),
        (("Unknown",), "Liberation Serif Regular"),
        ((), "Liberation Serif Regular"),
    ],
)
def test_families_are_tried_in_the_order_declared(families, name):
    assert find_name(build_library(*STANDARD), "A", *families) == name


def test_the_next_family_is_used_for_a_character_that_a_family_lacks():
    library = build_library(*STANDARD, ("Brand", "Regular", {"text": "A"}))
    assert find_name(library, "A", "Brand", "Noto Serif") == "Brand Regular"
    assert find_name(library, "B", "Brand", "Noto Serif") == "Noto Serif Regular"


def test_a_postscript_name_whose_face_is_absent_selects_the_style_of_its_family():
    library = build_library(
        ("Lato", "Regular", {}), ("Lato", "Heavy", {"weight": 900}), ("Lato", "Italic", {"italic": True})
    )
    assert find_name(library, "A", "Lato-Black") == "Lato Heavy"
    assert find_name(library, "A", "Lato-It") == "Lato Italic"


@pytest.mark.parametrize(("weight", "name"), [(400, "Noto Sans Regular"), (700, "Noto Sans Bold")])
def test_a_name_of_the_regular_face_with_a_bold_weight_selects_the_bold_face(weight, name):
    assert find_name(build_library(*STANDARD), "A", "NotoSans-Regular", weight=weight) == name


def test_a_face_that_a_name_selects_keeps_its_weight_in_italic():
    library = build_library(
        ("Lato", "Regular", {}),
        ("Lato", "Italic", {"italic": True}),
        ("Lato", "Bold", {"weight": 700}),
        ("Lato", "Bold Italic", {"weight": 700, "italic": True}),
    )
    assert find_name(library, "A", "Lato-Bold", italic=True) == "Lato Bold Italic"
    assert find_name(library, "A", "Lato-Italic", weight=700) == "Lato Bold Italic"


def test_a_declared_family_is_used_for_each_script_that_it_has():
    library = build_library(*STANDARD, ("Brand", "Regular", {"text": "Aअ"}))
    assert find_name(library, "अ", "Brand", script="Deva") == "Brand Regular"
    assert find_name(library, "अ", "sans-serif", script="Deva") == "Noto Sans Devanagari Regular"


def test_another_script_is_in_the_serif_font_of_a_serif_family():
    library = build_library(*STANDARD, ("Noto Serif Devanagari", "Regular", {"text": "अ"}))
    assert find_name(library, "अ", "Unknown", "serif", script="Deva") == "Noto Serif Devanagari Regular"
    assert find_name(library, "अ", "Unknown", "sans-serif", script="Deva") == "Noto Sans Devanagari Regular"


def test_any_installed_font_is_the_last_resort():
    library = build_library(
        *STANDARD, ("Zapf", "Regular", {"text": "ᎠA"}), ("Adobe Blank", "", {"text": "Ꭱ"})
    )
    assert find_name(library, "Ꭰ", "Noto Sans", script="Cher") == "Zapf Regular"
    for _ in range(2):
        with pytest.raises(NoFontError, match=r"no font for U\+13A1 \(CHEROKEE LETTER E\)"):
            find_name(library, "Ꭱ", "Noto Sans", script="Cher")


def test_a_private_character_is_drawn_only_in_a_font_that_the_text_names():
    library = build_library(*STANDARD, ("Icons", "Regular", {"text": "\ue000"}))
    assert find_name(library, "\ue000", "Icons") == "Icons Regular"
    with pytest.raises(NoFontError, match="embed the font that has this private character"):
        find_name(library, "\ue000", "Noto Sans")


def test_a_code_point_that_is_not_assigned_is_never_drawn():
    library = build_library(("Unifont", "Regular", {"text": "\u0378"}))
    with pytest.raises(NoFontError, match=r"no font for U\+0378 \(unnamed character\): Unicode has no such"):
        find_name(library, "\u0378", "Unifont")


def test_a_letter_and_its_marks_are_in_one_font():
    library = build_library(
        ("Brand", "Regular", {"text": "A"}), ("Noto Sans", "Regular", {"text": "A\u0303"})
    )
    assert find_name(library, "A\u0303", "Brand") == "Noto Sans Regular"
    assert find_name(library, "A\ufe0e", "Brand") == "Brand Regular"


def test_a_composed_letter_is_covered_by_its_parts_and_the_reverse():
    library = build_library(("Parts", "Regular", {"text": "A\u0303"}), ("Whole", "Regular", {"text": "Ã"}))
    assert find_name(library, "Ã", "Parts") == "Parts Regular"
    assert find_name(library, "A\u0303", "Whole") == "Whole Regular"


def test_synthetic_styles_keep_the_advance_and_change_the_outline():
    library = build_library(("Brand", "Regular", {}))

    def draw(**style):
        query = FontQuery(("Brand",), style.get("weight", 400), style.get("italic", False), "Latn", "en")
        font = library.choose_font(query, "A")
        glyph = font.harfbuzz.get_nominal_glyph(ord("A"))
        points = [point for _, *points in font.load_outline(glyph).segments for point in points]
        return font.harfbuzz.get_glyph_h_advance(glyph), {min(points), max(points)}

    assert draw() == (600, {(0, 0), (500, 600)})
    assert draw(weight=700) == (600, {(-16, -16), (516, 615)})
    assert draw(italic=True) == (600, {(0, 0), (650, 600)})


def test_a_variable_font_is_drawn_at_the_requested_weight():
    library = build_library(("Brand", "Regular", {"axes": [("wght", 400, 400, 900)]}))
    query = FontQuery(("Brand",), 650, False, "Latn", "en")
    font = library.choose_font(query, "A")
    outline = font.load_outline(font.harfbuzz.get_nominal_glyph(ord("A")))
    assert max(x for _, *points in outline.segments for x, _ in points) == 550


def test_a_family_with_the_same_metrics_counts_as_present():
    library = build_library(*STANDARD)
    assert [library.has_family(name) for name in ("Noto Serif", "Times", "NotoSans-Bold", "Arial")] == [
        True,
        True,
        True,
        False,
    ]


def test_emoji_are_in_the_font_in_colour(fonts):
    query = FontQuery(("Noto Sans", "DejaVu Sans"), 400, False, "Zsye", "en")
    font = fonts.choose_font(query, "👩🏽\u200d🚀")
    assert font.has_images
    image = font.load_outline(font.harfbuzz.get_nominal_glyph(ord("🎉"))).image
    assert image.png.startswith(b"\x89PNG")
    assert image.width > image.height > 1000


def test_emoji_are_in_one_colour_without_a_font_in_colour():
    library = build_library(*STANDARD, ("Symbola", "Regular", {"text": "🎉"}))
    assert find_name(library, "🎉", "Noto Sans", script="Zsye") == "Symbola Regular"
    with pytest.raises(NoFontError, match="fonts-noto-color-emoji"):
        find_name(library, "🏆", "Noto Sans", script="Zsye")
