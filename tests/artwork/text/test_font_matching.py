"""Test the choice among the faces of a family against the rules of CSS Fonts 4 §5.2."""

import pytest

from certbeam.artwork.text.font import FontSettings
from certbeam.artwork.text.font_face import FontFace
from certbeam.artwork.text.font_matching import FontStyle, choose_settings, match_faces


def make_face(weight=400, stretch=100, **attributes):
    weights = weight if isinstance(weight, tuple) else (weight, weight)
    stretches = stretch if isinstance(stretch, tuple) else (stretch, stretch)
    return FontFace(("Brand",), pytest.fail, weight=weights, stretch=stretches, **attributes)


def make_style(weight=400, stretch=100, *, is_italic=False):
    return FontStyle(weight, stretch, is_italic)


@pytest.mark.parametrize(
    ("requested", "available", "chosen"),
    [
        (400, [300, 500], 500),
        (400, [300, 600], 300),
        (450, [400, 500], 500),
        (500, [400, 600], 400),
        (500, [600, 700], 600),
        (300, [200, 400], 200),
        (300, [400, 500], 400),
        (600, [500, 700], 700),
        (800, [400, 700], 700),
        (700, [400, 900], 900),
    ],
)
def test_the_weight_is_looked_for_in_the_direction_of_css(requested, available, chosen):
    (face,) = match_faces(map(make_face, available), make_style(requested))
    assert face.weight == (chosen, chosen)


@pytest.mark.parametrize(
    ("requested", "available", "chosen"),
    [(75, [50, 100], 50), (75, [100, 125], 100), (125, [100, 150], 150), (125, [75, 100], 100)],
)
def test_the_width_is_looked_for_in_the_direction_of_css(requested, available, chosen):
    faces = [make_face(stretch=stretch) for stretch in available]
    (face,) = match_faces(faces, make_style(stretch=requested))
    assert face.stretch == (chosen, chosen)


def test_the_width_is_more_important_than_the_slant_and_that_than_the_weight():
    condensed = make_face(stretch=75, weight=900)
    italic = make_face(is_italic=True, weight=900)
    upright = make_face(weight=400)
    assert match_faces([italic, upright, condensed], make_style(stretch=75, is_italic=True)) == [condensed]
    assert match_faces([italic, upright, condensed], make_style(is_italic=True)) == [italic]
    assert match_faces([italic, upright, condensed], make_style(weight=900)) == [upright]


def test_all_embedded_faces_of_a_style_are_candidates_and_the_last_is_preferred():
    first, second = (make_face(is_embedded=True) for _ in range(2))
    assert match_faces([first, make_face(700, is_embedded=True), second], make_style()) == [second, first]


def test_a_variable_face_is_set_to_the_requested_style_within_its_ranges():
    face = make_face((200, 600), (75, 100), axes={"wght": (100, 900), "wdth": (50, 100), "opsz": (8, 20)})
    settings = choose_settings(face, make_style(700, 60), size=40)
    assert settings == FontSettings((("opsz", 20), ("wdth", 75), ("wght", 600)))


@pytest.mark.parametrize(("axes", "position"), [({"slnt": (-10, 0)}, -10), ({"ital": (0, 1)}, 1)])
def test_a_variable_face_is_made_italic_by_its_axis(axes, position):
    settings = choose_settings(make_face(axes=axes), make_style(is_italic=True), size=0)
    assert settings == FontSettings(((next(iter(axes)), position),))


@pytest.mark.parametrize(
    ("face", "weight", "is_emboldened"),
    [
        (make_face(400), 600, False),
        (make_face(400), 601, True),
        (make_face(300), 500, False),
        (make_face(400, is_embedded=True), 599, False),
        (make_face(400, is_embedded=True), 600, True),
        (make_face(400, is_embedded=True, has_bold_glyphs=True), 700, False),
        (make_face(700, is_embedded=True), 900, False),
    ],
)
def test_bold_is_synthesised_as_in_chromium(face, weight, is_emboldened):
    assert choose_settings(face, make_style(weight), 0).is_emboldened == is_emboldened


@pytest.mark.parametrize(
    ("face", "is_slanted"),
    [
        (make_face(), True),
        (make_face(is_italic=True), False),
        (make_face(is_embedded=True, has_italic_glyphs=True), False),
    ],
)
def test_italic_is_synthesised_for_upright_glyphs(face, is_slanted):
    assert choose_settings(face, make_style(is_italic=True), 0).is_slanted == is_slanted
