"""OpenType features of CSS properties."""

import pytest

from certbeam.artwork.svg.font_features import parse_caps, parse_features


@pytest.mark.parametrize(
    ("style", "features"),
    [
        ({}, ()),
        ({"font-kerning": "none"}, (("kern", 0),)),
        ({"font-variant-numeric": "oldstyle-nums tabular-nums"}, (("onum", 1), ("tnum", 1))),
        ({"font-variant": "slashed-zero"}, (("zero", 1),)),
        ({"font-variant-ligatures": "no-common-ligatures"}, (("liga", 0), ("clig", 0))),
        ({"font-variant-ligatures": "none"}, (("liga", 0), ("clig", 0), ("dlig", 0), ("hlig", 0), ("calt", 0))),
        ({"font-feature-settings": "'smcp', \"ss01\" on, 'liga' off, 'cv02' 3"},
         (("smcp", 1), ("ss01", 1), ("liga", 0), ("cv02", 3))),
        ({"font-feature-settings": "'toolong' 1, normal"}, ()),
        ({"font-variant-east-asian": "unknown"}, ()),
    ],
)  # fmt: skip
def test_properties_select_features(style, features):
    assert parse_features(style) == features


def test_low_level_settings_come_last_so_that_they_win():
    style = {"font-feature-settings": "'onum' 0", "font-variant-numeric": "oldstyle-nums"}
    assert dict(parse_features(style)) == {"onum": 0}


@pytest.mark.parametrize(
    ("style", "caps"),
    [
        ({"font-variant": "small-caps"}, "small-caps"),
        ({"font-variant-caps": "all-small-caps"}, "all-small-caps"),
        ({"font-variant": "small-caps", "font-variant-caps": "normal"}, ""),
        ({}, ""),
    ],
)
def test_capitals_are_parsed(style, caps):
    assert parse_caps(style) == caps
