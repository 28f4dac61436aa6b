"""Test the packages that messages name, against the installed fonts."""

import unicodedata

import pytest

from certbeam.artwork.text.font_packages import suggest_package


@pytest.mark.parametrize(
    ("character", "package"),
    [
        ("ᱥ", "fonts-noto-core"),
        ("A", "fonts-noto-core"),
        ("王", "fonts-noto-cjk"),
        ("Ａ", "fonts-noto-cjk"),
        ("🎉", "fonts-noto-color-emoji"),
        ("\U0001e290", "fonts-unifont"),
        ("\U00020000", "fonts-hanazono"),
        ("\u0378", None),
        ("\ue000", None),
        ("\U00030000", None),
    ],
)
def test_a_package_that_has_the_character_is_named(character, package):
    assert suggest_package(character) == package


@pytest.mark.parametrize(
    ("package", "part"),
    [
        ("fonts-noto-core", "/truetype/noto/"),
        ("fonts-noto-cjk", "/opentype/noto/"),
        ("fonts-noto-color-emoji", "NotoColorEmoji"),
    ],
)
def test_an_installed_package_has_each_character_for_which_it_is_named(fonts, package, part):
    installed = set()
    for face in fonts.installed.faces:
        if part in str(face.open_face.args[0]):
            installed |= set(face.open_face().unicodes)
    named = {
        code_point
        for code_point in range(0x20, 0x20000, 7)
        if unicodedata.category(chr(code_point)) not in ("Cc", "Cs", "Cn", "Co")
        and suggest_package(chr(code_point)) == package
    }
    assert len(named) > 100
    assert named <= installed
