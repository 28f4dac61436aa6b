"""Evaluate @media and @supports as Chromium does on a screen."""

import pytest

from certbeam.artwork.css.conditions import is_supported, matches_media
from certbeam.artwork.css.tokens import parse_value

PAGE = (800, 600)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", True),
        ("all", True),
        ("only screen", True),
        ("print", False),
        ("not print", True),
        ("not screen", False),
        ("print, screen", True),
        ("(min-width: 800px)", True),
        ("(min-width: 801px)", False),
        ("(max-width: 50em)", True),
        ("(width >= 700px)", True),
        ("(700px < width <= 800px)", True),
        ("(width = 700px)", False),
        ("(aspect-ratio: 4/3)", True),
        ("(orientation: landscape)", True),
        ("(orientation: portrait)", False),
        ("(prefers-color-scheme: dark)", False),
        ("(prefers-color-scheme: light)", True),
        ("(prefers-reduced-motion)", False),
        ("(prefers-reduced-motion: no-preference)", True),
        ("(hover) and (pointer: fine)", True),
        ("(color)", True),
        ("(monochrome)", False),
        ("(min-resolution: 96dpi)", True),
        ("(min-resolution: 2dppx)", False),
        ("(-webkit-min-device-pixel-ratio: 2)", False),
        ("screen and (min-width: 1px) and (max-width: 900px)", True),
        ("not screen and (min-width: 900px)", True),
        ("not (print)", False),
        ("((width > 1px) or (width < 1px))", True),
        ("(width > 1px) and (width < 2px) or (color)", False),
        ("(unknown: 1)", False),
        ("not (unknown: 1)", False),
        ("(color) or (unknown)", True),
    ],
)
def test_media_queries_are_evaluated_for_the_page(query, matches):
    assert matches_media(parse_value(query), PAGE) == matches


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("(fill: red)", True),
        ("(fill: no-color)", False),
        ("(fill: oklch(0.5 0.1 20))", True),
        ("(font: 12px serif)", True),
        ("(display: grid)", True),
        ("(-moz-appearance: none)", False),
        ("(--a: 1)", True),
        ("not (fill: red)", False),
        ("(fill: red) and (r: 1px)", True),
        ("(fill: x) or (r: 1px)", True),
        ("selector(:is(a))", True),
        ("selector(:unknown)", False),
        ("unknown(a)", False),
        ("", False),
    ],
)
def test_supports_conditions_are_evaluated(condition, holds):
    assert is_supported(parse_value(condition)) == holds
